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
my $dir = $t->dir;

my @gold = map { $_ * 10 } 1 .. 25;

sub deep { return $_[0] ? [ deep($_[0] - 1) ] : 1 }

# How v1 is to behave: the client's header X-Behave names it.

my $page = '[' . join(',', map { $json->encode($_) } @users[100 .. 199]) . ']';

my %lists = (
    ''        => {},
    link      => { link => 1 },
    cap50     => { cap => 50 },
    cap30     => { cap => 30 },
    cap30link => { cap => 30, link => 1 },
    none      => { users => [] },
    nonelink  => { users => [], link => 1 },
    9         => { users => [ @users[1 .. 9] ] },
    99        => { users => [ @users[0 .. 98] ] },
    100       => { users => [ @users[0 .. 99] ] },
    '100link' => { users => [ @users[0 .. 99] ], link => 1 },
    stuck     => { users => [ @users[0 .. 99] ], stuck => 1 },
    stucklink => { users => [ @users[0 .. 199] ], stuck => 1, link => 1 },
    other     => { users => [ @users ], other => 1 },
    gzip      => { answer => { gzip => 1 } },
    chunked   => { answer => { framing => 'chunked', chunk => 7 } },
    bytes     => { answer => { piece => 700 } },
    close     => { answer => { framing => 'close' } },
    grows     => { grows => 1, link => 1 },
    shrinks   => { shrinks => 1, count => 1, link => 1 },
    fewer     => { shrinks => 1, link => 1 },
    unread    => { users => [ { user_id => 'a|1', email => 'a@b.c',
                                x => deep(200) } ] },
    unread2   => { users => [ { user_id => 'a|1', email => 'a@b.c',
                                x => deep(200) },
                              { user_id => 'auth0|2', email => 'a@b.c' } ] },
);

my %bad = (
    500       => { status => 500, body => '{"message":"no"}' },
    404       => { status => 404, body => '{"message":"no"}' },
    302       => { status => 302, headers => [ Location => '/x' ] },
    206       => { status => 206, body => '[]' },
    204       => { status => 204 },
    object    => { body => '{"a":1}' },
    html      => { body => '<html>', type => 'text/html' },
    empty     => { body => '' },
    half      => { body => substr $page, 0, 5000 },
    more      => { body => "$page]" },
    cut       => { body => $page, cut => 5000 },
    reset     => { body => $page, cut => 5000, reset => 1 },
    nothing   => { body => $page, cut => 0 },
    chunks    => { body => $page, framing => 'chunked', trailer => "x\r\n" },
    coding    => { body => $page, headers => [ 'Content-Encoding' => 'br' ] },
    not_gzip  => { body => $page, headers => [ 'Content-Encoding' => 'gzip' ] },
);

my @errors = (
    [ 500, '{"message":"no"}', 502, 'bad_gateway' ],
    [ 503, '{"message":"no"}', 502, 'bad_gateway' ],
    [ 401, '{"error":"Unauthorized"}', 401, 'unauthorized' ],
    [ 403, '{"message":"no","errorCode":"insufficient_scope"}', 403,
      'insufficient_scope' ],
    [ 429, 'slow down', 429, 'too_many_requests' ],
);

sub behaviour {
    my ($name) = @_;

    if ($name =~ /^(\d+) is (\w+)$/) {
        return { pages => { $1 => $bad{$2} } };
    }

    if ($name =~ /^error (\d+)$/) {
        my ($error) = grep { $_->[0] == $1 } @errors;

        return { pages => { 0 => { status => $1, body => $error->[1],
                                   headers => [ 'Retry-After' => 7 ] } } };
    }

    return $lists{$name};
}

# v1's list: pages of what is asked for, at most "cap", with "Link" or without.

sub list {
    my ($conn, $request) = @_;

    my ($path, $query) = split /\?/, $request->{uri}, 2;
    my %arg = map { split /=/, $_, 2 } split /&/, $query // '';

    my %behaviour = %{ behaviour($request->{headers}{'x-behave'} // '') };
    my @all = @{ $behaviour{users} // \@users };
    my $size = $arg{per_page} // 50;
    my $page = $behaviour{stuck} ? 0 : $arg{page} // 0;

    if (my $odd = $behaviour{pages}{$page}) {
        return $odd;
    }

    # New users come first; the first user goes away while page 1 is shown.

    my $gone = $behaviour{shrinks} && ($page > 0 || -e "$dir/gone");

    unshift @all, map { { user_id => "new|$_", plan => 'gold' } } 1 .. $page
        if $behaviour{grows};
    shift @all if $gone;

    $t->write_file('gone', '') if $behaviour{shrinks} && $page > 0;

    my $count = @all;

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

    push @headers, Link => '</style.css>; rel=preload' if $behaviour{other};
    push @headers, 'X-Total-Count' => $count if $behaviour{count};

    return { body => '[' . join(',', map { $json->encode($_) } @page) . ']',
             headers => \@headers, %{ $behaviour{answer} // {} } };
}

my $backend = $t->backend({
    '/api/users' => \&list,
    '/api/connections/db/users' => \&list,
    '/api/connections/not/users' => { status => 404,
                                      body => '{"error":"no connection"}' },
    (map { ("/api/connections/$_/users" => { body => '[]' }) }
     'email', 'Social', 'user_id'),
    '/api/socialconnections/users' => { body => '[]' },
    '/api/users/auth0%7C42' => { body => $json->encode($users[41]) },
    '/api/users/auth0%7C43' => { status => 404, body => '{"error":"none"}' },
    '/api/users/auth0%7C44' => { status => 404, body => '<html>',
                                 type => 'text/html' },
    '/api/users/auth0%7C45' => { status => 404, body => '{"error":"none"}',
                                 gzip => 1 },
});

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
    my ($query, $behave) = @_;

    $backend->forget;
    return $t->get("/api/v2/users?$query",
                   'X-Behave' => $behave // '');
}

sub calls { return scalar $backend->requests }

sub ids {
    my ($body) = @_;

    my $list = decode_json($body);
    $list = $list->{users} if ref $list eq 'HASH';
    return join ' ', map { $_->{user_id} =~ s/auth0\|//r } @$list;
}


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
    [ 'q=user_id:%22auth0%7C42%22', 42, 1, '/api/users/auth0%7C42' ],
    [ 'q=user_id:%22auth0%7C42%22%20AND%20name:x', '', 1,
      '/api/users/auth0%7C42' ],
    [ 'q=user_id:%22auth0%7C43%22', '', 1, '/api/users/auth0%7C43' ],
    [ 'q=user_id:%22auth0%7C43%22&per_page=0', '', 1, '/api/users/auth0%7C43' ],
    [ 'q=user_id:%22auth0%7C45%22', '', 1, '/api/users/auth0%7C45' ],
    [ 'q=user_id:%22..%22', '', 3 ],
    [ 'q=user_id:%22a%2Fb%22', '', 1, '/api/users/a%2Fb' ],
    [ 'q=user_id:auth0*', join(' ', 1 .. 50), 1 ],
    [ 'q=NOT%20user_id:%22auth0%7C42%22&per_page=1', '1', 1 ],
    [ 'q=identities.connection:db%20AND%20app_metadata.plan:gold'
      . '&per_page=3', '10 20 30', 1,
      '/api/connections/db/users?per_page=100&page=0' ],
    [ 'connection=db&q=app_metadata.plan:gold&per_page=3', '10 20 30', 1,
      '/api/connections/db/users?per_page=100&page=0' ],
    [ 'connection=db&q=user_id:auth0%7C42', '42', 3,
      '/api/connections/db/users?per_page=100&page=0' ],
    [ 'connection=email&sort=name:1', '', 1,
      '/api/connections/email/users?per_page=100&page=0' ],
    [ 'connection=Social&q=app_metadata.plan:gold', '', 1,
      '/api/connections/Social/users?per_page=100&page=0' ],
    [ 'connection=user_id&q=logins_count:6', '', 1,
      '/api/connections/user_id/users?per_page=100&page=0' ],
    [ 'q=identities.connection:not', '', 1,
      '/api/connections/not/users?per_page=100&page=0' ],
    [ 'q=identities.connection:%22..%22', '', 3 ],
    [ 'q=identities.isSocial:true', '', 1,
      '/api/socialconnections/users?per_page=100&page=0' ],
    [ 'q=email:%22u7@b.c%22', 7, 1,
      '/api/users?search=email:%22u7%40b.c%22&per_page=100&page=0' ],
    [ 'q=email:%22u7@b.c%22%20OR%20email:%22u8@b.c%22', '7 8', 3 ],
    [ 'q=email:%22u7%5C%22%22', '', 3 ],
    [ 'q=email:u10*', join(' ', 10, 100 .. 109), 3 ],
    [ 'q=logins_count:[6%20TO%20*]%20AND%20app_metadata.plan:gold',
      join(' ', grep { $_ % 7 == 6 } @gold), 3 ],
) {
    my ($query, $ids, $calls, $call) = @$_;

    $r = get($query);

    is($r->status, 200, "U10 status: $query");
    is(ids($r->body), $ids, "U10 users: $query");
    is(calls(), $calls, "U10 calls: $query");
    is(($backend->requests)[0]{uri}, $call, "U10.3 call: $query") if $call;
}

is(get('q=user_id:%22auth0%7C44%22')->status, 404,
   'U10.3 a 404 that is not of v1');

for (
    [ 'q=', 200 ], [ 'q=a', 400, 'q' ], [ 'q=email:', 400, 'q' ],
    [ 'q=%22', 400, 'q' ], [ 'q=name:a%20b', 400, 'q' ],
    [ 'q=%FF', 400, 'q' ], [ 'sort=name', 400, 'sort' ],
    [ 'sort=name:2', 400, 'sort' ], [ 'sort=a.b:1', 400, 'sort' ],
    [ 'sort=:1', 400, 'sort' ],
) {
    my ($query, $status, $name) = @$_;

    for my $method ('GET', 'HEAD') {
        $r = $t->request($method, "/api/v2/users?$query");

        is($r->status, $status, "U10.1 $method $query");
        next if $status == 200 || $method eq 'HEAD';

        my $error = decode_json($r->body);

        is($error->{errorCode}, 'invalid_query_string',
           "U10.1 errorCode: $query");
        like($error->{message}, qr/"$name"/, "U10.1 message: $query");
    }
}

like(get('q=email:a%20name:b')->body, qr/expected .* at character 9\./,
     'U10.1 the place');

$r = get('q=app_metadata.plan:gold&per_page=10&page=1&include_totals=true');
is(ids($r->body), "@gold[10 .. 19]", 'U10.4 totals: users');
is_deeply([ @{ decode_json($r->body) }{qw(start limit length total)} ],
          [ 10, 10, 10, 25 ], 'U10.4 totals: numbers');
is(calls(), 3, 'U10.4 totals: calls');


# U10.2: where v1's list ends

for (
    [ '', 3, "@gold" ], [ 'link', 3, "@gold" ], [ 'cap50', 6, "@gold" ],
    [ 'cap30', 9, "@gold" ], [ 'cap30link', 9, "@gold" ], [ 'none', 1, '' ],
    [ 'nonelink', 1, '' ], [ '9', 1, 10 ], [ '99', 2, "@gold[0 .. 8]" ],
    [ '100', 2, "@gold[0 .. 9]" ], [ '100link', 1, "@gold[0 .. 9]" ],
    [ 'stuck', 3, "@gold[0 .. 9]" ], [ 'other', 3, "@gold" ],
    [ 'gzip', 3, "@gold" ], [ 'chunked', 3, "@gold" ],
    [ 'bytes', 3, "@gold" ], [ 'close', 3, "@gold" ],
) {
    my ($name, $calls, $ids) = @$_;

    $r = get('q=app_metadata.plan:gold&per_page=100', $name);

    is($r->status, 200, "U10.2 status: $name");
    is(ids($r->body), $ids, "U10.2 users: $name");
    is(calls(), $calls, "U10.2 calls: $name");
}


is(get('q=app_metadata.plan:none', 'stucklink')->status, 502,
   'U10.2 v1 says that there are others, and does not show them');
is(calls(), 3, 'U10.2 v1 is not asked for ever');


# U10.2: a page that cannot be read fails the answer

for my $name (sort keys %bad) {
    for my $n (1, 2) {
        $r = get('q=app_metadata.plan:gold&per_page=100', "$n is $name");

        is($r->status, 502, "U10.2 page $n is $name");
        like($r->body, qr/"errorCode":"invalid_upstream_profile"/,
             "U10.2 page $n is $name: the answer");
    }
}

for (@errors) {
    my ($status, $body, $expected, $code) = @$_;

    $r = get('q=app_metadata.plan:gold', "error $status");

    is($r->status, $expected, "U10.2 v1 answers $status");
    is(decode_json($r->body)->{errorCode}, $code,
       "U10.2 v1 answers $status: errorCode");
    is($r->header('Retry-After'), 7, "U10.2 v1 answers $status: Retry-After");
    is(calls(), 1, "U10.2 v1 answers $status: one call");
}


# U10.4: the order

sub sorted {
    my ($field, $less) = @_;

    return join ' ', map { $_->{user_id} =~ s/auth0\|//r }
           sort { $less->($a->{$field}, $b->{$field}) } @users;
}

my $up = [ split / /, sorted('logins_count', sub { $_[0] <=> $_[1] }) ];
my $down = [ split / /, sorted('logins_count', sub { $_[1] <=> $_[0] }) ];

for (
    [ 'sort=logins_count:1', "@$up[0 .. 49]" ],
    [ 'sort=logins_count:-1&per_page=100', "@$down[0 .. 99]" ],
    [ 'sort=logins_count:-1&per_page=100&page=2', "@$down[200 .. 249]" ],
    [ 'sort=logins_count:1&per_page=5&page=7', "@$up[35 .. 39]" ],
    [ 'sort=none:1&per_page=5', '1 2 3 4 5' ],
    [ 'sort=user_id:-1&per_page=3', '99 98 97' ],
    [ 'sort=user_id:-1&per_page=3&q=app_metadata.plan:gold', '90 80 70' ],
) {
    my ($query, $ids) = @$_;

    $r = get($query);

    is($r->status, 200, "U10.4 status: $query");
    is(ids($r->body), $ids, "U10.4 users: $query");
    is(calls(), 3, "U10.4 calls: $query");
}

is(get('sort=name:1&per_page=100&page=9')->status, 200, 'U10.4 1000 users');
$r = get('sort=name:1&per_page=100&page=10');
is($r->status, 400, 'U10.4 1001 users');
is(calls(), 0, 'U10.4 1001 users: v1 is not asked');


# U10.2: while users come and go

$r = get('q=app_metadata.plan:gold&per_page=100', 'grows');
is(ids($r->body), "@gold", 'U10.2 who comes is told once or not at all');

for (
    [ 'shrinks', 4, 'what v1 counts changes: all is read again' ],
    [ 'fewer', 2, 'v1 does not count, and 101 is lost' ],
) {
    my ($name, $calls, $what) = @$_;

    unlink "$dir/gone";
    $r = get('q=_exists_:user_id&per_page=100&page=1', $name);
    is(ids($r->body), join(' ', 102 .. 201), "U10.2 users: $what");
    is(calls(), $calls, "U10.2 calls: $what");
}


# users who cannot be read

$r = get('q=email:%22a@b.c%22', 'unread');
is($r->status, 502, 'U10.3 a narrower call, one who cannot be read');

$r = get('q=email:%22a@b.c%22', 'unread2');
is(ids($r->body), 2, 'U10.3 a narrower call, somebody can be read');
is($r->header('X-Profile-Unreadable'), 1, 'U10.3 the header says so');

is($t->get('/api/v2/users-by-email?email=a@b.c', 'X-Behave' => 'unread')
     ->status, 502, 'U10.5 one who cannot be read');
is($t->get('/api/v2/users-by-email?email=a@b.c', 'X-Behave' => 'none')
     ->body, '[]', 'U10.5 nobody');

$r = get('q=name:x', 'unread');
is($r->status, 200, 'U10.4 one who cannot be read');
is($r->header('X-Profile-Unreadable'), 1, 'U10.4 the header says so');


done_testing;
