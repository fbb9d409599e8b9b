#!/usr/bin/perl

# A real browser keeps what it gets of one URL, and asks with its tag or date
# when it is to show it again: Chromium asks for a profile as v1 and as v2 by
# turns.  It fails when it shows v1, with tokens, to who has asked for v2, or v2
# for v1, and when it can never use what it has kept.  Of the v2 API it asks
# each time, though v1 would let it keep what it has (U2.5).

use lib 't/lib';
use ProfileTest;

use ProfileTest::Node qw(install_packages run_node);

my $t = ProfileTest->new;

my $chromium = $ENV{PROFILE_CHROMIUM} || '/usr/bin/chromium';

-x $chromium or die "$chromium is missing: \"make deps\" installs it\n";

install_packages($t->top . '/t/page');

my $v1 = '{"user_id":"auth0|1","email":"a@b.c","plan":"full","identities":'
         . '[{"provider":"auth0","user_id":"1","access_token":"secret"}]}';
my $date = 'Mon, 21 Oct 2013 20:13:21 GMT';

my %validators = (
    strong => [ ETag => '"e"' ],
    weak   => [ ETag => 'W/"e"' ],
    date   => [ 'Last-Modified' => $date ],
    both   => [ ETag => '"e"', 'Last-Modified' => $date ],
);

my $backend = $t->backend({ '*' => sub {
    my ($conn, $request) = @_;

    my ($kind) = $request->{uri} =~ m{/(\w+)\?\d\z};

    return { status => 404 } if !defined $kind;

    my ($none, $since) = @{ $request->{headers} }{qw(if-none-match
                                                      if-modified-since)};
    my %has = @{ $validators{$kind} };
    my $same = defined $none ? $none eq ($has{ETag} // '')
               : ($since // '') eq ($has{'Last-Modified'} // 'none');

    return { status => $same ? 304 : 200, body => $v1,
             headers => [ @{ $validators{$kind} },
                          'Cache-Control' => $request->{uri} =~ m{^/v2/}
                                             ? 'public, max-age=3600'
                                             : 'no-cache' ] };
} });

$t->conf(<<'END');
    include profile/auth0.conf;
    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;

    log_format asked "$uri $http_accept $status";

    map $http_accept $wants_v2 {
        ~profile=v2  1;
        default      0;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log asked;

        location = /blank {
            default_type text/html;
            return 200 "<!doctype html><title>blank</title>";
        }

        location / {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0 if=$wants_v2;
        }

        location /cached/ {
            proxy_pass http://%%BACKEND%%;
            proxy_cache cache;
            proxy_ignore_headers Cache-Control;
            proxy_cache_valid 200 1h;
            profile_rewrite auth0 if=$wants_v2;
        }

        location /v2/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0 api=v2;
        }

        location /late/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0 if=$late;
        }
    }

    map "$upstream_status $wants_v2" $late {
        "200 1"  1;
        default  0;
    }
END

$t->start;

my @paths = map { my $kind = $_; map { "$_/$kind" } '', '/cached', '/late' }
            sort keys %validators;

$ENV{PROFILE_URL} = 'http://127.0.0.1:' . $t->port;
$ENV{PROFILE_CHROMIUM} = $chromium;

is(run_node($t->top . '/t/page/tags.mjs', @paths, '/v2/strong', '/v2/date'), 0,
   'all paths were asked');

# It did ask with what it had, and was told that nothing has changed.

my $log = $t->read_file('access.log');

for my $path (map { ("/$_", "/cached/$_") } qw(strong weak both)) {
    for my $accept ('application/json', 'application/json;profile=v2') {
        like($log, qr{^\Q$path $accept\E 304$}m, "H2.6 304: $path $accept");
    }
}

like($log, qr{^/date application/json 304$}m, 'H2.6 304: a date of v1');
unlike($log, qr{^\S*/date \S+v2 304$}m, 'H2.6 no 304 by a date of v2');
is(join(',', $log =~ m{^/v2/strong \S+ (\d+)$}mg), '200,304',
   'U2.5 asked again, and confirmed');
is(join(',', $log =~ m{^/v2/date \S+ (\d+)$}mg), '200,200',
   'U2.5 asked again, and read anew');

done_testing;
