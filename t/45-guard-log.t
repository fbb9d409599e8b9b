#!/usr/bin/perl

# Proves what the operator hears of a write: one line in the error log for a
# refusal, variables for the access log, a count for each reason, and in none
# of them anything of a body but names, in one word (H5.10, H5.11).  It fails
# when a client can write lines of the log, or find his secrets in it.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Guard;

# As an operator has it: the level "debug" may show more.

my $t = ProfileTest->new(log => 'info');

my $backend = $t->backend({ '*' => { body => '{}' } });

$t->conf(<<'END');
    include profile/auth0.conf;

    profile_zone zone 1m;
    profile_metrics zone;

    log_format guard '$request_method $request_uri $status $profile_action '
                     '$profile_reason <$profile_blocked_attributes>';

    client_body_buffer_size 1k;
    client_max_body_size 4m;

    server {
        listen 127.0.0.1:%%PORT%%;

        access_log %%DIR%%/access.log guard;

        location /plain {
            proxy_pass http://%%BACKEND%%;
        }

        location /v2/ {
            profile_guard auth0 mode=v2;
            profile_user_id /v2/*;
            proxy_pass http://%%BACKEND%%;
        }

        location /v1/ {
            profile_guard auth0 mode=v1;
            profile_user_id /v1/*/metadata;
            proxy_pass http://%%BACKEND%%;
        }

        location /dry/ {
            profile_guard auth0 mode=v2;
            profile_user_id /dry/*;
            profile_guard_dry_run on;
            proxy_pass http://%%BACKEND%%;
        }

        location /metrics {
            access_log off;
            profile_status prometheus;
        }
    }
END

$t->start;

my $lines = 0;

sub patch {
    my ($uri, $body, %headers) = @_;

    return $t->request('PATCH', $uri, 'Content-Type' => 'application/json',
                       defined $body ? (':body' => $body) : (), %headers);
}

# The line of the access log that the last request left.

sub logged {
    my @lines;

    $lines++;

    $t->wait(sub {
        @lines = split /\n/, $t->read_file('access.log');
        return @lines >= $lines;
    });

    return $lines[$lines - 1] // 'nothing';
}


# Variables

my @rows = (
    [ '/v2/x%7C1', '{"name":1,"blocked":1,"email":2}',
      '400 blocked attributes <name,email>' ],
    [ '/v2/x%7C1', '{"blocked":true}', '200 passed allowed <->' ],
    [ '/v2/x%7C1', '{}', '415 blocked media_type <->',
      'Content-Type' => 'text/plain' ],
    [ '/v2/x%7C1', undef, '400 blocked empty_body <->' ],
    [ '/v2/x%7C1', '{"a":1,"a":2}', '400 blocked duplicate <a>' ],
    [ '/v2/x%7C1', '{"user_metadata":{"a":1,"\u0061":2}}',
      '400 blocked duplicate <a>' ],
    [ '/v2/x%7C1', '{"app_metadata":{"_id":2}}',
      '400 blocked reserved <_id>' ],
    [ '/v2/x%7C1', '{"app_metadata":{"$set":2}}',
      '400 blocked metadata_name <$set>' ],
    [ '/v2/x%7C1', '{"app_metadata":[]}',
      '400 blocked container <app_metadata>' ],
    [ '/v2/x%7C1', '{"name":', '400 blocked truncated <->' ],
    [ '/v2/x%7C1', '{"name\u0000":1}', '400 blocked name <->' ],
    [ '/v1/facebook%7C1/metadata', '{"Gender":1}',
      '400 blocked attributes <Gender>' ],
    [ '/dry/x%7C1', '{"user_id":1,"x":2}',
      '200 would_block attributes <user_id,x>' ],
    [ '/dry/x%7C1', '{', '200 would_block truncated <->' ],
    [ '/plain', '{"name":1}', '200 - - <->' ],
);

for my $row (@rows) {
    my ($uri, $body, $want, @headers) = @$row;

    patch($uri, $body, @headers);
    is(logged(), "PATCH $uri $want", "H5.10 $want");
}

$t->get('/v2/x%7C1');
is(logged(), 'GET /v2/x%7C1 200 passed no_body <->', 'H5.10 no body');


# Names in a word

sub names_of {
    my ($body) = @_;

    patch('/v2/x%7C1', $body);

    return logged() =~ /<(.*)>\z/s ? $1 : 'nothing';
}

is(names_of('{"a b,c%d\"e\\\\f":1}'), 'a%20b%2Cc%25d%22e%5Cf',
   'H5.11 what ends a word');
is(names_of('{"a\r\nb\tc\u001b[31m\u007f":1}'),
   'a%0D%0Ab%09c%1B[31m%7F', 'H5.11 controls');
is(names_of("{\"\xc3\xa9\xf0\x9f\x98\x80\":1}"), '%C3%A9%F0%9F%98%80',
   'H5.11 UTF-8');
is(names_of('{"\u0085\u2028\u202e":1}'), '%C2%85%E2%80%A8%E2%80%AE',
   'H5.11 controls of Unicode');
is(names_of('{"":1,"a":1,"\u0020":1}'), ',a,%20', 'H5.11 an empty name');
is(names_of('{"' . 'x' x 65 . '":1}'), 'x' x 64, 'H5.11 a long name');
is(names_of('{' . join(',', map { qq("n$_":1) } 1 .. 30) . '}'),
   join(',', map { "n$_" } 1 .. 20), 'H5.11 many names');


# The error log

sub refusals { return [ $t->log =~ /^(.*profile guard: .*)$/mg ] }

my $before = @{ refusals() };

patch('/v1/facebook%7C1/metadata', '{"PICTURE":1,"city":2,"link":3}');

my @new = @{ refusals() };

splice @new, 0, $before;

is(scalar @new, 1, 'H5.10 a refusal is one line');
like($new[0], qr/\[warn\]\ .*:\ \*\d+\ profile\ guard:\ request\ refused:
                 \ attributes:\ attributes\ that\ cannot\ be\ written:
                 \ PICTURE,link,\ client:/x, 'H5.10 the line');
like($new[0], qr{request: "PATCH /v1/facebook%7C1/metadata HTTP/1\.1"},
     'H5.10 the request');

$before = @{ refusals() };
patch('/v2/x%7C1', '{"blocked":true}');
$t->get('/v2/x%7C1');

is(scalar @{ refusals() }, $before, 'H5.10 nothing of what is allowed');

my $forged = '\n2020/01/01 10:00:00 [error] 1#1: forged';

patch('/v2/x%7C1', qq({"$forged":1}));
patch('/v2/x%7C1', qq({"user_metadata":{"a.$forged":1}}));

unlike($t->log, qr/^2020/m, 'H5.11 no line of a client');
like($t->log, qr/written: %0A2020/, 'H5.11 but its name');


# No body anywhere, however it is refused, in memory or in a file

my @secrets = (
    '{"blocked":"SECRET"}', '{"name":"SECRET"}', '{"a":"SECRET","a":1}',
    '{"SECRET', '{"a":SECRET}', '"SECRET"', '[{"SECRET":1}]', 'SECRET',
    '{"a":1}SECRET', '{"a":{"SECRET\u0000":1}}', '{"app_metadata":"SECRET"}',
    '{"app_metadata":{"_id":"SECRET"}}', '{"user_metadata":{"$a":"SECRET"}}',
    "{\"a\":\"SECRET\xff\"}", '{"a":"SECRET\u0000"}',
    '{"a":' . '[' x 200 . '"SECRET"', '{"a":"SECRET' . 'x' x 1_500_000 . '"}',
    '{"user_metadata":{"a":"SECRET"}}', '{"a":"SECRET\q"}',
);

for my $body (@secrets) {
    for my $uri ('/v2/x%7C1', '/v1/facebook%7C1/metadata', '/dry/x%7C1') {
        patch($uri, $body);
        patch($uri, $body, ':chunks' => [100_000]);
        patch($uri, $body, 'Content-Type' => 'text/plain');
        patch("$uri/", $body);
    }
}

unlike($t->log, qr/SECRET/, 'H5.11 nothing of a body in the error log');
unlike($t->read_file('access.log'), qr/SECRET/,
       'H5.11 nor in the access log');
cmp_ok(scalar @{ refusals() }, '>', 150, 'H5.11 though there were refusals');


# Counts

sub counts {
    return { $t->get('/metrics')->body
             =~ /^profile_writes_total\{(.*)\} (\d+)$/mg };
}

sub counted {
    my ($result, $reason) = @_;

    my $counts = counts();
    my ($labels) = grep { /result="$result"/ && /reason="$reason"/ }
                   keys %$counts;

    return $labels ? $counts->{$labels} : undef;
}

my @counts = (
    [ 'allowed', 'allowed',         '/v2/x%7C1', '{"blocked":true}' ],
    [ 'blocked', 'attributes',      '/v2/x%7C1', '{"name":true}' ],
    [ 'blocked', 'attributes',      '/dry/x%7C1', '{"user_id":true}' ],
    [ 'blocked', 'reserved',        '/v2/x%7C1', '{"app_metadata":{"_id":1}}' ],
    [ 'blocked', 'metadata_name',   '/v2/x%7C1', '{"app_metadata":{"$a":1}}' ],
    [ 'invalid', 'duplicate',       '/v2/x%7C1', '{"a":1,"a":1}' ],
    [ 'invalid', 'container',       '/v2/x%7C1', '{"app_metadata":1}' ],
    [ 'invalid', 'not_object',      '/v2/x%7C1', '[]' ],
    [ 'invalid', 'empty_body',      '/v2/x%7C1', '' ],
    [ 'invalid', 'body_too_large',  '/v2/x%7C1', ' ' x 1_048_577 ],
    [ 'invalid', 'media_type',      '/v2/x%7C1', '{}',
      'Content-Type' => 'a/b' ],
    [ 'invalid', 'body_encoding',   '/v2/x%7C1', '{}',
      'Content-Encoding' => 'gzip' ],
    [ 'invalid', 'method_override', '/v2/x%7C1', '{}',
      'X-HTTP-Method' => 'PUT' ],
    [ 'invalid', 'path',            '/v2/x%7C1/', '{}' ],
    [ 'invalid', 'invalid_json',    '/v2/x%7C1', 'x' ],
    [ 'invalid', 'trailing_data',   '/v2/x%7C1', '{}x' ],
);

for my $row (@counts) {
    my ($result, $reason, $uri, $body, @headers) = @$row;
    my $before = counted($result, $reason) // 0;

    patch($uri, $body, @headers);

    my $after;

    $t->wait(sub {
        $after = counted($result, $reason) // 0;
        return $after > $before;
    });

    is($after, $before + 1, "H5.10 counted: $result, $reason, $uri");
}

done_testing;
