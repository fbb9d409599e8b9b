#!/usr/bin/perl

# Proves that a response which nginx cannot keep, since the place for its files
# is gone or full, is told as what it is (H4.5): a 502 while nothing has left.
# It fails when the connection closes without a byte and the log says 200.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Metrics;

my $t = ProfileTest->new(log => 'info',
                         allow => [ qr/open\(\) .*cache.* failed/ ]);

my $user = '{"user_id":"a|1","plan":"SECRET"}';
my $list = '[' . join(',', ($user) x 30_000) . ']';

my $backend = $t->backend(sub {
    my ($conn) = @_;

    while (my $req = $conn->read_request) {
        $conn->answer($req, { body => $req->{uri} =~ /list/ ? $list : $user })
            or return;
    }
});

$t->conf(<<'END');
    include profile/auth0.conf;
    include profile/maps.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m use_temp_path=off;
    profile_zone profile 1m;
    profile_metrics profile;

    log_format action '$uri $status $profile_action $profile_reason';

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        access_log %%DIR%%/access.log action;

        profile_rewrite auth0;
        proxy_http_version 1.1;

        location / {
            proxy_pass http://%%BACKEND%%;
            proxy_cache cache;
            proxy_cache_valid 200 1h;
        }

        location /stream/ {
            proxy_pass http://%%BACKEND%%;
            proxy_cache cache;
            proxy_cache_valid 200 1h;
            profile_buffer_size 0;
        }

        location /dry/ {
            proxy_pass http://%%BACKEND%%;
            proxy_cache cache;
            proxy_cache_valid 200 1h;
            profile_rewrite_dry_run on;
        }

        location /api2/ {
            proxy_pass http://%%BACKEND%%;
            proxy_cache cache;
            proxy_cache_valid 200 1h;
            profile_rewrite auth0 api=v2;
        }

        location = /metrics {
            profile_rewrite off;
            profile_status;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;
        %%LISTEN_HTTP2_3%%

        access_log %%DIR%%/access.log action;
        proxy_cache cache;
        proxy_cache_valid 200 201 1h;
        include profile/gateway.conf;
    }
END

$t->start;

rmdir $t->dir . '/cache' or die "no cache: $!";
$t->write_file('cache', '');

my $error = qr/"errorCode":"invalid_upstream_profile"/;

sub both {
    my ($test, $uri, $ports) = @_;

    for my $how (0, 1) {
        my @at = (':port' => $t->port($ports->[$how]));
        my $r = $how ? $t->http2_request('GET', $uri, @at) : $t->get($uri, @at);

        $test->($r, "H4.5 $uri" . ($how ? ', HTTP/2' : ''));
        unlike($r->body, qr/SECRET/, "H4.5 $uri, nothing leaves");
    }
}

for my $uri ('/user', '/list', '/api2/user', '/api2/list') {
    both(sub {
        is($_[0]->status, 502, $_[1]);
        like($_[0]->body, $error, $_[1]);
        ok($_[0]->complete, "$_[1], whole");
    }, $uri, [0, 1]);
}

both(sub { ok(!$_[0]->complete, "$_[1], cut") }, '/stream/list', [0, 1]);
both(sub { ok(!$_[0]->complete, "$_[1], as without us") }, '/dry/list', [0, 1]);


# The gateway's reads; the one behind a write is never kept

for my $uri ('/api/v2/users/auth0%7C1', '/api/v2/users') {
    both(sub {
        is($_[0]->status, 502, $_[1]);
        like($_[0]->body, $error, $_[1]);
    }, $uri, [2, 3]);
}

is($t->request('PATCH', '/api/v2/users/auth0%7C1', ':port' => $t->port(2),
               'Content-Type' => 'application/json',
               ':body' => '{"email":"a@example.com"}')->status, 200,
   'U4.2 PATCH');


# The log and the counters

is_deeply(ProfileTest::Metrics->of($t)->requests,
          { 'failed upstream' => 14, 'would_fail upstream' => 2,
            upgraded => 1 }, 'H4.5 the counters');

is_deeply([ grep { !/ failed upstream$/ }
            split /\n/, $t->read_file($t->dir . '/access.log') ],
          [ ('/dry/list 200 would_fail upstream') x 2,
            '/.profile/read 200 upgraded -', '/metrics 200 - -' ],
          'H4.5 the log');

done_testing;
