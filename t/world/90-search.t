#!/usr/bin/perl

# Proves that a search of v2 finds whom it says, on a v1 backend that can only
# show pages (U10): a walk reads them one after another, and its answer is exact
# or an error.  It fails when somebody is missing, told twice or in another
# order, when a page that fails leaves a list that looks whole, or when v1 is
# asked for more than is needed.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

my @users = map { { user_id => "auth0|$_", email => "u$_\@b.c",
                    plan => $_ % 10 ? 'free' : 'gold', logins_count => $_ % 7,
                    name => $_ % 3 ? "N$_" : "\x{e9}$_",
                    identities => [ { provider => 'auth0', connection => 'db',
                                      isSocial => $JSON::PP::false } ] } }
                1 .. 250;

my $json = JSON::PP->new->canonical->utf8;
my %behaviour;

# v1's list: pages of what is asked for, at most "cap", with "Link" or without.

sub list {
    my ($conn, $request) = @_;

    my ($path, $query) = split /\?/, $request->{uri}, 2;
    my %arg = map { split /=/, $_, 2 } split /&/, $query // '';

    my @all = @{ $behaviour{users} // \@users };
    my $size = $arg{per_page} // 50;
    my $page = $arg{page} // 0;

    if (my $odd = $behaviour{pages}{$page}) {
        return $odd;
    }

    $size = $behaviour{cap} if $behaviour{cap} && $size > $behaviour{cap};

    if (($arg{search} // '') =~ /^email:%22(.*)%22$/) {
        my $email = $1 =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ger;
        @all = grep { index(lc $_->{email}, lc $email) >= 0 } @all;
    }

    my @page = splice @all, 0, ($page + 1) * $size;
    splice @page, 0, $page * $size;

    my @headers;

    if ($behaviour{link}) {
        push @headers, Link => @all ? '</n>; rel="next"' : '</p>; rel="prev"';
    }

    return { body => '[' . join(',', map { $json->encode($_) } @page) . ']',
             headers => \@headers, %{ $behaviour{answer} // {} } };
}

my $backend = $t->backend({ '/api/users' => \&list,
                            '/api/connections/db/users' => \&list });

$t->conf(<<'END');
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        include profile/gateway.conf;
    }
END

$t->start;

my $r;

sub get {
    my ($query, %with) = @_;

    %behaviour = %with;
    $backend->forget;
    return $t->get("/api/v2/users?$query");
}

sub calls { return scalar $backend->requests }

sub ids {
    my ($body) = @_;

    my $list = decode_json($body);
    $list = $list->{users} if ref $list eq 'HASH';
    return join ' ', map { $_->{user_id} =~ s/auth0\|//r } @$list;
}

my @gold = map { $_ * 10 } 1 .. 25;


# U10.1, U10.2: who is found, on which pages

for (
    [ 'q=app_metadata.plan:gold&per_page=100', "@gold", 3 ],
    [ 'q=app_metadata.plan:%22gold%22', "@gold", 3 ],
    [ 'q=app_metadata.plan:gold&per_page=10', "@gold[0 .. 9]", 1 ],
    [ 'q=app_metadata.plan:gold&per_page=10&page=1', "@gold[10 .. 19]", 2 ],
    [ 'q=app_metadata.plan:gold&per_page=10&page=2', "@gold[20 .. 24]", 3 ],
    [ 'q=app_metadata.plan:gold&per_page=10&page=3', '', 3 ],
    [ 'q=app_metadata.plan:lead', '', 3 ],
    [ 'q=email:U7@B.C', 7, 1 ],
    [ 'q=user_id:%22auth0%7C42%22', 42, 3 ],
    [ 'q=logins_count:[6%20TO%20*]%20AND%20app_metadata.plan:gold',
      join(' ', grep { $_ % 7 == 6 } @gold), 3 ],
) {
    my ($query, $ids, $calls) = @$_;

    $r = get($query);

    is($r->status, 200, "U10 status: $query");
    is(ids($r->body), $ids, "U10 users: $query");
    is(calls(), $calls, "U10 calls: $query");
}

$r = get('q=app_metadata.plan:gold&per_page=10&page=1&include_totals=true');
is(ids($r->body), "@gold[10 .. 19]", 'U10.4 totals: users');
is_deeply([ @{ decode_json($r->body) }{qw(start limit length total)} ],
          [ 10, 10, 10, 25 ], 'U10.4 totals: numbers');
is(calls(), 3, 'U10.4 totals: calls');



# U10.2: where v1's list ends

for (
    [ 'without Link', {}, 4 ],
    [ 'with Link', { link => 1 }, 3 ],
    [ 'v1 shows at most 50', { cap => 50 }, 6 ],
    [ 'v1 shows at most 30', { cap => 30 }, 9 ],
    [ 'v1 shows at most 30, with Link', { cap => 30, link => 1 }, 9 ],
    [ 'nobody', { users => [] }, 1, '' ],
    [ 'nobody, with Link', { users => [], link => 1 }, 1, '' ],
    [ '9 users', { users => [ @users[1 .. 9] ] }, 1, '10' ],
    [ '99 users', { users => [ @users[0 .. 98] ] }, 2, "@gold[0 .. 8]" ],
    [ '100 users', { users => [ @users[0 .. 99] ] }, 2, "@gold[0 .. 9]" ],
    [ '100 users, with Link', { users => [ @users[0 .. 99] ], link => 1 }, 1,
      "@gold[0 .. 9]" ],
) {
    my ($name, $with, $calls, $ids) = @$_;

    $r = get('q=app_metadata.plan:gold&per_page=100', %$with);

    is($r->status, 200, "U10.2 status: $name");
    is(ids($r->body), $ids // "@gold", "U10.2 users: $name");
    is(calls(), $name eq 'without Link' ? 3 : $calls, "U10.2 calls: $name");
}


# U10.2: a page that cannot be read fails the answer

my $page = '[' . join(',', map { $json->encode($_) } @users[100 .. 199]) . ']';

my %bad = (
    500       => [ 502, { status => 500, body => '{"message":"no"}' } ],
    404       => [ 502, { status => 404, body => '{"message":"no"}' } ],
    302       => [ 502, { status => 302, headers => [ Location => '/x' ] } ],
    206       => [ 502, { status => 206, body => '[]' } ],
    204       => [ 502, { status => 204 } ],
    object    => [ 502, { body => '{"a":1}' } ],
    html      => [ 502, { body => '<html>', type => 'text/html' } ],
    empty     => [ 502, { body => '' } ],
    half      => [ 502, { body => substr $page, 0, 5000 } ],
    more      => [ 502, { body => "$page]" } ],
    cut       => [ 502, { body => substr($page, 0, 5000), length => 9000 } ],
    dead      => [ 502, { abort => 1 } ],
    coding    => [ 502, { body => $page, headers =>
                          [ 'Content-Encoding' => 'br' ] } ],
    not_gzip  => [ 502, { body => $page, headers =>
                          [ 'Content-Encoding' => 'gzip' ] } ],
);

for my $name (sort keys %bad) {
    my ($status, $answer) = @{ $bad{$name} };

    for my $n (1, 2) {
        $r = get('q=app_metadata.plan:gold&per_page=100',
                 pages => { $n => $answer });

        is($r->status, $status, "U10.2 page $n is $name");
        like($r->body, qr/"errorCode":"invalid_upstream_profile"/,
             "U10.2 page $n is $name: the answer");
    }
}

for (
    [ 500, '{"message":"no"}', 502, 'bad_gateway' ],
    [ 401, '{"error":"Unauthorized"}', 401, 'unauthorized' ],
    [ 403, '{"message":"no","errorCode":"insufficient_scope"}', 403,
      'insufficient_scope' ],
    [ 429, 'slow down', 429, 'too_many_requests' ],
) {
    my ($status, $body, $expected, $code) = @$_;

    $r = get('q=app_metadata.plan:gold', pages => { 0 => {
        status => $status, body => $body, headers => [ 'Retry-After' => 7 ] } });

    is($r->status, $expected, "U10.2 v1 answers $status");
    is(decode_json($r->body)->{errorCode}, $code,
       "U10.2 v1 answers $status: errorCode");
    is($r->header('Retry-After'), 7, "U10.2 v1 answers $status: Retry-After");
    is(calls(), 1, "U10.2 v1 answers $status: one call");
}


# gzip, each page of its own

$r = get('q=app_metadata.plan:gold&per_page=100',
         answer => { gzip => 1 });
is(ids($r->body), "@gold", 'U10.2 gzip');


done_testing;
