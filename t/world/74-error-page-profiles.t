#!/usr/bin/perl

# Proves that a profile stays one where an error_page has led to it (H1.1): the
# client gets the status of the error, and of the profile what any other client
# gets.  It fails when v1 leaves because of that status, or when a page that
# holds no profile does not leave as it was.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $v1 = '{"user_id":"a|1","identities":[{"access_token":"SECRET"}]}';
my $v2 = '{"user_id":"a|1","identities":[{}],"app_metadata":{},'
         . '"user_metadata":{}}';
my $length = length $v1;

$t->backend({
    '/gone'    => { status => 404, body => '{"error":"none"}' },
    '/user'    => { body => $v1 },
    '/list'    => { body => "[$v1,$v1]", gzip => 1 },
    '/created' => { status => 201, body => $v1 },
    '/bad'     => { body => '{"user_id":1,"plan":free}' },
    '/part'    => { status => 206, body => $v1 },
    '/other'   => { body => '{"message":"We are moving."}' },
    '/text'    => { type => 'text/plain', body => 'We are moving.' },
    '/again'   => { status => 503, body => '{"error":"none either"}' },
    '/early'   => sub { $_[0]->send("HTTP/1.1 103 E\r\nContent-Type: "
                                    . "application/json\r\n\r\nHTTP/1.1 200 OK"
                                    . "\r\nContent-Type: application/json\r\n"
                                    . "Content-Length: $length\r\n\r\n$v1");
                        $_[0]->close; undef },
    '/nothing' => sub { $_[0]->send($v1); $_[0]->close; undef },
});

my $places = '';

for my $page (qw(user list created bad part other text again early nothing)) {
    for my $how (['@', ''], ['uri', ''], ['cache', 'proxy_cache cache;'],
                 ['required', '', 'users=required'])
    {
        my ($name, $more, $users) = @$how;
        my $to = $name eq '@' ? "\@$page" : "/$name-$page";
        my $as = $name eq '@' ? "\@$page" : "= /$name-$page";

        $users //= '';

        $places .= <<"END";
        location = /$name/$page {
            proxy_pass http://%%BACKEND%%/gone;
            proxy_intercept_errors on;
            error_page 404 $to;
        }

        location $as {
            rewrite ^ /$page break;
            proxy_pass http://%%BACKEND%%;
            proxy_cache_valid any 1m;
            proxy_cache_key $page;
            profile_rewrite auth0 $users;
            $more
        }

END
    }
}

$t->conf(<<'END' =~ s/%%PLACES%%/$places/r);
    include profile/auth0.conf;
    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;

    server {
        listen 127.0.0.1:%%PORT%%;
        proxy_http_version 1.1;
        gunzip on;
        add_header X-What "$profile_action $profile_reason" always;

%%PLACES%%
        location = /static {
            proxy_pass http://%%BACKEND%%/gone;
            proxy_intercept_errors on;
            profile_rewrite auth0 users=required;
            error_page 404 /page.json;
        }

        location = /page.json {
            default_type application/json;
            profile_rewrite auth0 users=required;
            return 200 '{"message":"gone"}';
        }
    }
END

$t->start;

my %expected = (
    user    => [ 404, $v2 ],
    list    => [ 404, "[$v2,$v2]" ],
    created => [ 404, $v2 ],
    bad     => [ 502, qr/\A\{"statusCode":502,.*invalid_upstream_profile/ ],
    part    => [ 502, qr/\A\{"statusCode":502,.*invalid_upstream_profile/ ],
    early   => [ 502, qr/\A\{"statusCode":502,.*invalid_upstream_profile/ ],
    nothing => [ 502, qr/\A\{"statusCode":502,.*invalid_upstream_profile/ ],
    other   => [ 404, '{"message":"We are moving."}' ],
    text    => [ 404, 'We are moving.' ],
    again   => [ 404, '{"error":"none either"}' ],
);

# A newer nginx goes on behind hints.

$expected{early} = $expected{user} if ProfileTest::version_number() >= 1029000;

my $no_users = [ 502, qr/\A\{"statusCode":502,.*: no user / ];
my %required = (%expected, other => $no_users, text => $no_users);

my $cached;

for my $name ('@', 'uri', 'cache', 'cache', 'required') {
    my $expected = $name eq 'required' ? \%required : \%expected;

    for my $page (sort keys %$expected) {

        # The cache keeps a 502 of nginx's own, since it keeps any status.

        next if $name eq 'cache' && $cached
                && ref $expected->{$page}[1] && $page =~ /early|nothing/;

        my ($status, $body) = @{ $expected->{$page} };
        my $r = $t->get("/$name/$page");

        is($r->status, $status, "H1.1 $name $page: status");
        unlike($r->body, qr/SECRET/, "H1.1 $name $page: no token");
        ref $body ? like($r->body, $body, "H1.1 $name $page: body")
                  : is($r->body, $body, "H1.1 $name $page: body");
    }

    $cached = $name eq 'cache';
}

my $r = $t->get('/static');

is($r->status . ' ' . $r->body, '404 {"message":"gone"}',
   'H1.2 a page that nginx has is one');

done_testing;
