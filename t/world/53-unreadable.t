#!/usr/bin/perl

# Proves that one user who cannot be read does not take a list away from all
# others (M6.5): two clients of v1 write what the guard allows, and lists of v2
# go on.  It fails when a page is a 502, when somebody is missing and nothing
# says so, or when a token of who is left out leaves.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $a = '{"user_id":"auth0|1"}';
my $a2 = '{"user_id":"auth0|1","app_metadata":{},"user_metadata":{}}';
my $b = '{"user_id":"auth0|2"}';
my $b2 = '{"user_id":"auth0|2","app_metadata":{},"user_metadata":{}}';

my $large = '{"user_id":"auth0|<3>","identities":[{"access_token":"SECRET"}],'
            . '"x":["' . join('","', ('SECRET' x 10) x 300) . '"]}';
my $deep = '{"user_id":"auth0|4","x":' . '[' x 200 . '"SECRET"' . ']' x 200
           . '}';
my $late = '{"x":["' . join('","', ('SECRET' x 10) x 300)
           . '"],"user_id":"auth0|5"}';

my %bodies = (
    'large'  => [ "[$a,$large,$b]", "[$a2,$b2]", 1, 'user_too_large',
                  'auth0%7C%3C3%3E' ],
    'deep'   => [ "[$deep, $a]", "[ $a2]", 1, 'too_deep', 'auth0%7C4' ],
    'late'   => [ "[$a,$late]", "[$a2]", 1, 'user_too_large', '' ],
    'first'  => [ "[$deep,$a,$b]", "[$a2,$b2]", 1, 'too_deep', 'auth0%7C4' ],
    'only'   => [ "[$large]", '[]', 1, 'user_too_large', 'auth0%7C%3C3%3E' ],
    'all'    => [ "[$large,$deep]", '[]', 2, 'too_deep', 'auth0%7C4' ],
    'none'   => [ "[$a,$b]", "[$a2,$b2]", 0 ],
    'broken' => [ "[$a,$large,$b", undef, 1, 'truncated' ],
    'wrong'  => [ "[$a," . substr($deep, 0, -3) . ',]}]', undef, 1,
                  'invalid_json' ],
    'string' => [ "[$a,{\"x\":\"" . 'S' x 20_000 . '"}]', undef, 1,
                  'user_too_large' ],
    'number' => [ "[$a,{\"x\":" . 1 x 20_000 . '}]', undef, 1,
                  'user_too_large' ],
    'name'   => [ "[$a,{\"" . 'x' x 20_000 . '":1}]', undef, 1,
                  'user_too_large' ],
    'fits'   => [ "[$a,{\"user_id\":1,\"x\":[[\"" . 'x' x 16_300 . '"]]}]',
                  "[$a2,{\"user_id\":1,\"app_metadata\":{\"x\":[[\""
                  . 'x' x 16_300 . '"]]},"user_metadata":{}}]', 0 ],
    'user'   => [ $deep, undef, 0, 'too_deep' ],
    'alone'  => [ $large, undef, 0, 'user_too_large' ],
    'nan'    => [ "[$a,{\"user_id\":\"auth0|6\",\"n\":Infinity}]", undef, 0,
                  'invalid_json' ],
);

$bodies{'deep'}[1] = "[$a2]";

# 50 MB of one user, in values that each could be read.

my $huge = "[$a," . '{"user_id":"auth0|7","x":['
           . join(',', ('"' . 'SECRET' x 1000 . '"') x 8500) . "]},$b]";

my $backend = $t->backend({
    map({ ("/$_" => { body => $bodies{$_}[0] },
           "/gzip-$_" => { body => $bodies{$_}[0], gzip => 1 },
           "/bytes-$_" => { body => $bodies{$_}[0], chunk => 1,
                            headers => [ 'X-Profile-Unreadable' => 9 ] },
           "/envelope-$_" => { body => qq({"users":$bodies{$_}[0],"n":1}) }) }
        keys %bodies),
    '/long' => { body => "[$large," . "$a," x 3000 . "$deep]" },
    '/said' => { body => "[$a]", headers => [ 'x-profile-unreadable' => 9 ] },
    '/told' => { status => 404, headers => [ 'X-Profile-Unreadable' => 9 ] },
    '/huge' => { body => $huge },
    '/gzip-huge' => { body => $huge, gzip => 1 },
}, record => 0);

$t->conf(<<'END');
    include profile/auth0.conf;

    profile_zone zone 1m;

    log_format said '$request_uri $profile_action $profile_reason';

    profile_max_user_size 16k;

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/said.log said;
        profile_metrics zone;

        location /v2/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2;
        }

        location /list/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2;
            profile_list totals=$arg_totals;
        }

        location /skip/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_unreadable_user skip;
        }

        location /envelope/ {
            proxy_pass http://%%BACKEND%%/envelope-;
            profile_rewrite auth0 users=required envelope=users;
            profile_unreadable_user skip;
        }

        location /unwrapped/ {
            proxy_pass http://%%BACKEND%%/envelope-;
            profile_rewrite auth0 api=v2 envelope=users;
        }

        location /nothing/held/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2;
            profile_buffer_size 0;
        }

        location /fail/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2;
            profile_unreadable_user fail;
        }

        location /plain/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
        }

        location /dry/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_unreadable_user skip;
            profile_rewrite_dry_run on;
        }

        location = /metrics {
            profile_status prometheus;
        }
    }
END

$t->start;

my $expected = 0;
my $r;

for my $name (sort keys %bodies) {
    my (undef, $v2, $n, $reason, $id) = @{$bodies{$name}};

    for my $where ('v2', 'skip', 'list') {
        for my $form ('', 'gzip-', 'bytes-') {
            my $uri = "/$where/$form$name";
            my $r = $t->get($uri);

            $expected += $n;

            unlike($r->body, qr/SECRET/, "M6.5 $uri: no token");

            if (defined $v2) {
                is($r->status, 200, "M6.5 $uri: status");
                is($r->body =~ s/\s//gr, $v2, "M6.5 $uri: body");
                is($r->header('x-profile-unreadable'), $n || undef,
                   "M6.5 $uri: header");
            } else {
                is($r->status, 502, "M6.5 $uri: status");
            }
        }
    }

    if ($n && defined $v2) {
        ok($t->wait_log(qr/left out of the list: $reason: .* id "\Q$id\E"/),
           "M6.5 $name: logged");
    }

    $r = $t->get("/envelope/$name");

    $expected += $n;

    is($r->status, defined $v2 ? 200 : 502, "M6.5 envelope, $name: status");
    is($r->body =~ s/\s//gr, qq({"users":$v2,"n":1}), "M6.5 envelope, $name")
        if defined $v2;
    is($r->header('x-profile-unreadable'), $n || undef,
       "M6.5 envelope, $name: header") if defined $v2;
    unlike($r->body, qr/SECRET/, "M6.5 envelope, $name: no token");

    $r = $t->get("/unwrapped/$name");

    $expected += $n;

    is($r->status, defined $v2 ? 200 : 502, "M1.7 envelope, $name: status");
    is($r->body =~ s/\s//gr, $v2, "M1.7 M6.5 envelope, $name")
        if defined $v2;
    is($r->header('x-profile-unreadable'), $n || undef,
       "M1.7 M6.5 envelope, $name: header") if defined $v2;
    unlike($r->body, qr/SECRET/, "M1.7 M6.5 envelope, $name: no token");

    $r = $t->request('HEAD', "/v2/$name");

    is($r->status, 200, "H2.3 M6.5 HEAD, $name: status");
    is($r->header('x-profile-unreadable'), undef,
       "H2.3 M6.5 HEAD, $name: nobody knows");

    $r = $t->get("/nothing/held/$name");

    $expected += $n;

    is($r->header('x-profile-unreadable'), undef,
       "M6.5 nothing held, $name: header");
    is($r->body =~ s/\s//gr, $v2, "M6.5 nothing held, $name") if defined $v2;
    is($r->complete ? 1 : 0, defined $v2 ? 1 : 0,
       "M6.5 nothing held, $name: complete") if $r->status == 200;

    for my $where ('fail', 'plain') {
        my $r = $t->get("/$where/$name");

        is($r->status, $name eq 'none' || $name eq 'fits' ? 200 : 502,
           "M6.5 $where: $name");
        unlike($r->body, qr/SECRET/, "M6.5 $where: $name, no token");
    }
}

$r = $t->get('/dry/large');
$expected++;

is($r->body, $bodies{large}[0], 'M6.5 a dry run');
is($r->header('x-profile-unreadable'), undef, 'M6.5 a dry run: header');
ok($t->wait(sub {
    return $t->read_file('said.log') =~ m{^/dry/large would_rewrite -$}m;
}), 'M6.5 a dry run: what would be');

like($t->log, qr{at byte 16407 of the response, index 1, id "".*/v2/late},
     'M6.5 without an id the index is logged');

is($t->get('/list/large?totals=true')->body, qq({"users":[$a2,$b2],"start":0,)
   . '"limit":50,"length":3,"total":3}', 'U5.2 they count');
$expected++;


# A user that is larger than all memory that the worker takes for it.

for my $uri ('/v2/huge', '/v2/gzip-huge') {
    my $before = $t->rss;

    $r = $t->get($uri);
    $expected++;

    is($r->status, 200, "M6.5 $uri: status");
    is($r->body, "[$a2,$b2]", "M6.5 $uri: body");

  SKIP: {
        skip 'memory is that of the checker', 1 if $t->checker;

        cmp_ok($t->peak_rss - $before, '<', 2 << 20, "M6.1 M6.5 $uri: memory");
    }
}


# What is longer than the buffer has no header to tell it.

$r = $t->get('/v2/long');

is($r->status, 200, 'M6.5 a long list: status');
is($r->body, '[' . join(',', ($a2) x 3000) . ']', 'M6.5 a long list: body');
is($r->header('x-profile-unreadable'), undef, 'M6.5 a long list: header');
$expected += 2;


# What the backend says of the kind is none of ours, in any answer of v2, and in
# a list of v1 that is rewritten.

for my $uri ('/v2/said', '/list/said', '/skip/said', '/v2/told',
             '/nothing/held/said')
{
    is($t->get($uri)->header('x-profile-unreadable'), undef,
       "M6.5 the backend's own: $uri");
}

is($t->request('HEAD', '/v2/said')->header('x-profile-unreadable'), undef,
   "M6.5 the backend's own: HEAD");
is($t->get('/dry/said')->header('x-profile-unreadable'), 9,
   "M6.5 the backend's own: a dry run");

ok($t->wait(sub {
    my ($n) = $t->get('/metrics')->body
              =~ /^profile_unreadable_users_total\{[^}]*\} (\d+)$/m;

    return ($n // 0) == $expected;
}), 'M6.5 all are counted');


# A guard that lets through what cannot be read is warned of (H5.14).

for ([ '', 0 ], [ 'profile_guard_max_body_size 9m;', 1 ],
     [ 'profile_max_user_size 512k;', 1 ],
     [ 'profile_guard_max_body_size 9m; profile_max_user_size 9m;', 0 ]) {
    my ($what, $warns) = @$_;
    my (undef, $out) = $t->test_conf("include profile/auth0.conf; server { "
        . "listen 127.0.0.1:%%PORT%%; location / { profile_guard auth0 "
        . "mode=v1; $what } }");

    is($out =~ /\[warn\].*"profile_guard_max_body_size" is larger/ ? 1 : 0,
       $warns, "H5.14 nginx -t: '$what'");
}

done_testing;
