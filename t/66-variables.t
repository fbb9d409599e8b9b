#!/usr/bin/perl

# Proves what the log can be told of a request: each variable in a log format,
# in a map, in a condition and in a header, the two formats that are shipped,
# and the line about a provider that the schema lacks.  It fails when a value
# is taken before it is final, when something that a client has sent makes a
# log line other than it should be, or when a name is told again and again.

use lib 't/lib';
use ProfileTest;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

my $users = join ',', '{"user_id":"auth0|1","hobby":"x","app_metadata":{},'
                      . '"plan":"a","app_metadata":{"plan":"b"}}',
                      '{"user_id":"auth0|2","hobby":"y"}';

$t->backend({
    '/u'       => { body => "[$users]" },
    '/large'   => { body => '[' . join(',', ('{"user_id":"auth0|1"}') x 5000)
                            . ']' },
    '/bad'     => { body => '{' },
    '/unknown' => { body => '[' . join(',', map {
        "{\"user_id\":\"p$_|secret\"}" } 1 .. 40) . ']' },
    '/again'   => { body => '[{"user_id":"p1|secret"},{"user_id":"p40|x"}]' },
    '/odd'     => { body => '[{"user_id":"\\n[alert] \\u00e9%|secret"},'
                            . '{"user_id":"' . 'x' x 70 . '|secret"},'
                            . '{"user_id":"mail@example.com"}]' },
    '*'        => { status => 404, body => '{}' },
});

$t->conf(<<'END');
    include profile/auth0.conf;
    include profile/log.conf;

    map $profile_action $short {
        default    none;
        rewritten  r;
        failed     f;
        blocked    b;
    }

    log_format all '$short|$profile_action|$profile_reason|$profile_users|'
                   '$profile_moved|$profile_conflicts|$profile_bytes_in|'
                   '$profile_bytes_out|$profile_time|'
                   '$profile_blocked_attributes|$profile_calls|'
                   '$profile_applied|$profile_walk_pages|'
                   '$profile_walk_time|$profile_total|$status';

    server {
        listen 127.0.0.1:%%PORT%%;

        access_log %%DIR%%/all.log all;
        access_log %%DIR%%/text.log profile;
        access_log %%DIR%%/json.log profile_json;
        access_log %%DIR%%/if.log all if=$profile_action;

        location /api/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            add_header X-Action "$profile_action" always;
            add_header X-Users "$profile_users" always;
        }

        location /now/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_buffer_size 0;
            add_header X-Action "$profile_action" always;
        }

        location /guard/ {
            proxy_pass http://%%BACKEND%%/;
            profile_guard auth0 mode=v2;
            add_header X-Blocked "$profile_blocked_attributes" always;
        }

        location / {
            proxy_pass http://%%BACKEND%%/;
        }
    }
END

$t->start;

my %seen;

# The lines that have been added to a log, once there are so many.

sub lines {
    my ($name, $number) = @_;

    my @lines;

    $t->wait(sub {
        @lines = split /\n/, $t->read_file($name);
        return @lines >= ($seen{$name} // 0) + $number;
    });

    @lines = splice @lines, $seen{$name} // 0;
    $seen{$name} += @lines;

    return @lines;
}

sub all {
    my ($line) = lines('all.log', 1);
    my %value;

    @value{qw(short action reason users moved conflicts in out time blocked
              calls applied walk_pages walk_time total status)}
        = split /\|/, $line;

    return \%value;
}

sub patch {
    my ($body) = @_;

    return $t->request('POST', '/guard/u', ':body' => $body,
                       'Content-Type' => 'application/json');
}

# A response that was held: all is known when its header leaves.

my $r = $t->get('/api/u');
my $v = all();

is($v->{action}, 'rewritten', 'action');
is($v->{reason}, '-', 'reason: none');
is($v->{users}, 2, 'users');
is($v->{moved}, 3, 'moved');
is($v->{conflicts}, 2, 'conflicts');
is($v->{in}, length "[$users]", 'bytes in');
is($v->{out}, length $r->body, 'bytes out');
like($v->{time}, qr/\A0\.\d{6}\z/, 'time: in microseconds');
is($v->{blocked}, '-', 'blocked: none');
is($v->{calls}, 0, 'calls: none');
is($v->{applied}, '-', 'applied: none');
is("$v->{walk_pages} $v->{walk_time} $v->{total}", '- - -', 'walk: none');
is($v->{short}, 'r', 'map');
is($r->header('X-Action'), 'rewritten', 'header: the action is known');
is($r->header('X-Users'), 2, 'header: so are the users');

# One that streams: nothing is said while it is under way.

$r = $t->get('/now/large');

is($r->header('X-Action'), undef, 'header: nothing yet');
is(all()->{action}, 'rewritten', 'action: in the end');

# Failures, refusals, what is not ours.

$r = $t->get('/api/bad');
$v = all();

is("$v->{action} $v->{reason} $v->{status}", 'failed truncated 502',
   'action and reason of a failure');
is($r->header('X-Action'), 'failed', 'header: of our own answer');

$t->get('/api/none');
$v = all();

is("$v->{action} $v->{reason}", 'passed status', 'passed');
is($v->{time}, '0.000000', 'time: none was spent');

$t->get('/u');
$v = all();

is(join('', @{$v}{qw(action reason users moved conflicts in out time blocked
                     calls applied walk_pages walk_time total)}),
   '-' x 14, 'not ours: nothing is said');

$r = patch('{"last_login":1,"a,b":2,"c\"\\\\d":3,"\u00e9":4,"e f%":5}');
$v = all();

is("$v->{action} $v->{reason} $v->{status}", 'blocked attributes 400',
   'action and reason of a refusal');
is($v->{blocked}, 'last_login,a%2Cb,c%22%5Cd,%C3%A9,e%20f%25',
   'blocked: names between commas, escaped');
is($r->header('X-Blocked'), $v->{blocked}, 'header: blocked');

patch('{' . join(',', map { "\"n$_\":1" } 1 .. 30) . '}');
is(all()->{blocked}, join(',', map { "n$_" } 1 .. 20), 'blocked: 20 names');

patch('{"' . 'x' x 100 . '":1}');
is(all()->{blocked}, 'x' x 64, 'blocked: 64 bytes');

# Conditions.

is(scalar(lines('if.log', 7)), 7, 'if=: all but what is not ours');

# What is shipped.  An argument stays out of it, and nobody gets out of a line.

lines('text.log', 8);
lines('json.log', 8);

$t->get('/api/u?email=a@b.c');

my ($text) = lines('text.log', 1);
my ($json) = lines('json.log', 1);

like($text, qr{\A127\.0\.0\.1\ \[[\d:T+-]+\]\ "GET\ /api/u"\ 200\ rewritten\ -
               \ users=2\ moved=3\ conflicts=2\ bytes=\d+/\d+
               \ time=0\.\d+/\d+\.\d+\ blocked=-\ calls=0\ applied=-
               \ walk=-/-\ total=-\ exact=0\z}x,
     'log.conf: text');

my $line = decode_json($json);

is($line->{action}, 'rewritten', 'log.conf: JSON');
is($line->{path}, '/api/u', 'log.conf: the path without arguments');
is($line->{users}, '2', 'log.conf: users');
is($line->{status}, '200', 'log.conf: status');
unlike($text . $json, qr/\@b/, 'log.conf: no arguments');

$t->get('/none/%0a"\\{\'' . "\xff");

($text) = lines('text.log', 1);
($json) = lines('json.log', 1);

like($text, qr{"GET /none/%0a\\x22\\x5C\{'\\xFF" 404 - - users=-},
     'log.conf: text, escaped');

$line = decode_json($json =~ s/\xff/?/r);

is($line->{path}, '/none/%0a"\\{\'?', 'log.conf: JSON, escaped');
is($line->{action}, '', 'log.conf: JSON of what is not ours');

patch('{"last_login":1,"a\"b":1}');

is(decode_json((lines('json.log', 1))[0])->{blocked}, 'last_login,a%22b',
   'log.conf: JSON, blocked');
like((lines('text.log', 1))[0], qr/ blocked=last_login,a%22b calls=/,
     'log.conf: text, blocked');

# A provider that the schema lacks is told once in each worker, 32 of them.

sub told {
    return $t->log =~ /\[info\].* the schema "auth0" has no provider "(.*?)"/g;
}

$t->get('/api/odd');

is_deeply([ told() ], [ '%0A%5Balert%5D%20%C3%A9%25', 'x' x 64 ],
          'unknown provider: escaped, cut, and without the rest of the id');

$t->get('/api/unknown') for 1 .. 2;
$t->get('/api/again');

is_deeply([ told() ], [ '%0A%5Balert%5D%20%C3%A9%25', 'x' x 64,
                        map { "p$_" } 1 .. 30 ],
          'unknown provider: once each, 32 in all');
unlike($t->log, qr/secret|mail\@/, 'unknown provider: nothing of the user');

my @workers = $t->workers;

$t->reload;
$t->wait_gone(@workers);
$t->get('/api/again');

my @told = told();

is(scalar @told, 34, 'unknown provider: told again by a new worker');

done_testing;
