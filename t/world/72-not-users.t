#!/usr/bin/perl

# Proves that what is no user has a limit (M6.4), packed or not, whatever its
# kind, and that lists of users, and of objects that are none, have not.  It
# fails when a small gzip body makes a worker read without end.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new(log => 'info');

my $user = '{"user_id":"a|1"}';
my $n = 1_100_000;

my %bad = (
    numbers  => '[1' . ',1' x $n . ']',
    before   => '[1' . ',1' x $n . ",$user]",
    between  => "[$user" . ',1' x $n . ",$user]",
    behind   => "[$user" . ',1' x $n . ']',
    space    => "[$user" . ' ' x $n . ']',
    first    => ' ' x $n . $user,
    last     => $user . ' ' x $n,
    strings  => '["a"' . ',"a"' x $n . ']',
    lists    => '[[]' . ',[]' x $n . ']',
    inner    => "[[$user" . ",$user" x 100_000 . ']]',
    member   => "{\"users\":[$user],\"a\":[1" . ',1' x $n . ']}',
    members  => "{\"users\":[$user]" . ',"a":1' x $n . '}',
);

my %good = (
    users    => "[$user" . ",$user" x 100_000 . ']',
    objects  => '[{"a":1}' . ',{"a":1}' x 300_000 . ']',
    apart    => "[$user" . (',1' x 400_000 . ",$user") x 3 . ']',
);

$t->backend({
    map({ ("/gzip/bad/$_"  => { body => $bad{$_}, gzip => 1 },
           "/plain/bad/$_" => { body => $bad{$_} }) } keys %bad),
    map({ ("/gzip/good/$_"  => { body => $good{$_}, gzip => 1 },
           "/plain/good/$_" => { body => $good{$_} }) } keys %good),
}, record => 0);

$t->conf(<<'END');
    include profile/auth0.conf;
    log_format action '$uri $profile_action $profile_reason';

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log action;

        proxy_http_version 1.1;
        profile_rewrite auth0 envelope=users;
        profile_buffer_size 16m;
        profile_max_user_size 1m;

        location / {
            proxy_pass http://%%BACKEND%%;
        }

        location /v2/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 api=v2 users=any;
            profile_list match=email:nobody;
        }

        location /large/ {
            proxy_pass http://%%BACKEND%%/;
            profile_max_user_size 8m;
        }
    }
END

$t->start;

for my $kind (qw(gzip plain)) {
    for my $name (sort keys %bad) {
        my $r = $t->get("/$kind/bad/$name");

        is($r->status, 502, "M6.4 status: $kind, $name");
        like($r->body, qr/: too much that is no user at byte 1\d{6}\./,
             "M6.4 body: $kind, $name");
    }

    for my $name (sort keys %good) {
        my $r = $t->get("/$kind/good/$name");

        is($r->status, 200, "M6.4 no limit: $kind, $name");
        ok($r->complete, "M6.4 whole: $kind, $name");
    }
}

is($t->get("/v2/gzip/bad/$_")->status, 502, "M6.4 a list of v2: $_")
    for qw(numbers between space);
is($t->get("/v2/gzip/good/$_")->body, '[]', "M6.4 a list of v2: $_")
    for qw(users objects);
is($t->get("/large/gzip/bad/$_")->status, 200, "M6.4 as users are large: $_")
    for qw(numbers member);

$t->stop;

my $access = $t->read_file('access.log');

is(scalar(() = $access =~ m{^/(?:v2/)?\w+/bad/\w+ failed not_users$}mg),
   2 * keys(%bad) + 3, 'M6.4 the reason is counted');

done_testing;
