#!/usr/bin/perl

# Proves that who does nothing wrong does not notice the guard: every write
# that the shipped schema allows comes to the backend, byte for byte, in all
# ways in which a body can travel, and so does what is no write (H5.1, H5.2,
# H5.5 to H5.7).  It fails when the guard refuses too much, or changes what it
# has read.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Guard;

my $t = ProfileTest->new(log => 'info');

my $backend = $t->backend({ '*' => { body => '{"answer":1}' } });

my $failing = $t->backend(sub {
    my ($conn) = @_;

    $conn->read_request;
    $conn->close;
});

my $locations = <<'END';
        location /v2/ {
            profile_guard auth0 mode=v2;
            profile_user_id /v2/*;
            proxy_pass http://%%BACKEND%%;
        }

        location = /v2 {
            profile_guard auth0 mode=v2;
            proxy_pass http://%%BACKEND%%;
        }

        location /v1/ {
            profile_guard auth0 mode=v1;
            profile_user_id /v1/*/metadata;
            proxy_pass http://%%BACKEND%%;
        }

        location /plain {
            proxy_pass http://%%BACKEND%%/v2;
        }

        location /again/ {
            profile_guard auth0 mode=v2;
            profile_user_id /again/*;
            proxy_pass http://twice;
            proxy_next_upstream error timeout non_idempotent;
        }
END

$t->conf("include profile/auth0.conf;\n"
         . "    upstream twice {\n"
         . "        server %%BACKEND_1%% max_fails=0;\n"
         . "        server %%BACKEND%% backup;\n    }\n"
         . servers($locations));
$t->start;


# What the schema lets clients write, by provider

my $conf = $t->read_file($t->top . '/conf/profile/auth0.conf') =~ s/#.*//mgr;
my (%writable, @options);

while ($conf =~ /^\s*writable\s+([^;]+);/mg) {
    my @words = split ' ', $1;
    my ($for) = map { /\Afor=(.*)/ ? $1 : () } @words;
    my ($on) = map { /\Aon=(.*)/ ? $1 : () } @words;

    for my $provider (defined $for ? split /,/, $for : '*') {
        push @{ $writable{$provider}{ $on // $_ } }, grep { !/=/ } @words
            for defined $on ? $on : ('create', 'update');
    }
}

while ($conf =~ /^\s*option\s+([^;]+);/mg) {
    push @options, split ' ', $1;
}

cmp_ok(scalar keys %writable, '>', 2, 'the schema has something to write');
cmp_ok(scalar @options, '>', 2, 'the schema has options');

sub body_of { return '{' . join(',', map { qq("$_":"x") } @_) . '}' }


# Bodies

my $unicode = '{"user_metadata":{"' . "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"
              . '":"' . "\xef\xbf\xbd\xe2\x80\xa8\xef\xbb\xbf" . '",'
              . '"\u00e9t\u00e9":"\ud83d\ude00 \u0000 \ud800","\"\\\\":"\/"}}';

my $numbers = '{"app_metadata":{"a":-0,"b":1.50,"c":1e308,'
              . '"d":123456789012345678901234567890,"e":1E-7}}';

my $space = "\r\n{\t\"blocked\" :\n true ,\r\n \"user_metadata\": { } \t}\n ";

my $deep = '{"user_metadata":{"a":' . '[' x 124 . ']' x 124 . '}}';

my $same = '{"user_metadata":{"name":1,"picture":2,"a":{"b":1,"b":2}},'
           . '"app_metadata":{"name":1,"a":[{"name":1}],"constructors":{}}}';

my $many = '{"user_metadata":{' . join(',', map { qq("name$_":$_) } 1 .. 2000)
           . '}}';

my $update = 'PATCH /v2/facebook%7C10';
my $legacy = 'PATCH /v1/facebook%7C10/metadata';

my @bodies = (
    [ 'H5.5 an empty object', $update, '{}' ],
    [ 'H5.5 containers', $update, '{"app_metadata":{},"user_metadata":null}' ],
    [ 'H5.5 blocked', $update, '{"blocked":false}' ],
    [ 'H5.5 escaped names', $update,
      '{"\u0062locked":1,"user\u005Fmetadata":{}}' ],
    [ 'H5.3 Unicode', $update, $unicode ],
    [ 'H5.3 numbers', $update, $numbers ],
    [ 'H5.3 white space', $update, $space ],
    [ 'H5.3 as deep as may be', $update, $deep ],
    [ 'H5.4 the same names elsewhere', $update, $same ],
    [ 'H5.4 many names', $update, $many ],
    [ 'H5.5 a form of null', $update, '{"blocked":null}' ],

    [ 'H5.5 options', $update, body_of(@options) ],

    ( map {
          my $provider = $_;
          my @names = map { @{ $writable{$_}{update} // [] } }
                      $provider, '*';

          [ "H5.5 update of $provider", "PATCH /v2/$provider%7C1",
            body_of(@names, @options) ]
      } grep { $_ ne '*' } sort keys %writable ),

    ( map {
          my $provider = $_;
          my @names = map { @{ $writable{$_}{create} // [] } }
                      $provider, '*';

          [ "H5.5 create of $provider", 'POST /v2',
            qq({"connection":"$provider",) . substr(body_of(@names), 1) ]
      } grep { $_ ne '*' } sort keys %writable ),

    [ 'H5.5 create on another connection', 'POST /v2',
      '{"email":"a@b.c","password":"p","connection":"My-Users"}' ],
    [ 'H5.5 create with metadata', 'POST /v2',
      '{"connection":"auth0","user_metadata":{"a":1},"app_metadata":{}}' ],

    [ 'H5.6 metadata', $legacy, '{"city":"x","plan":"full","login":1}' ],
    [ 'H5.6 prefixes', $legacy, '{"um_picture":1,"am_gender":2}' ],
    [ 'H5.6 containers', $legacy,
      '{"user_metadata":{"picture":1},"app_metadata":{"gender":1}}' ],
    [ 'H5.6 names that are like others', $legacy,
      '{"pictures":1,"picture2":2,"my_picture":3,"na_me":4,"nam":5}' ],
    [ 'H5.6 another provider', 'PATCH /v1/nobody%7C1/metadata',
      '{"gender":1,"locale":2}' ],
    [ 'H5.6 PUT', 'PUT /v1/facebook%7C10/metadata', '{"city":1}' ],
);

for my $row (@bodies) {
    my ($name, $asked, $body) = @$row;
    my ($method, $uri) = split / /, $asked;
    my $want = "200 passed allowed [$method " . short($body) . ']';

    for my $transport (transports()) {
        my $res = deliver($t, $transport, $method, $uri, $body,
                          'Content-Type' => 'application/json');
        my ($got) = $backend->requests;

        ok($got && $got->{body} eq $body, "H5.1 to the byte: $name: $transport")
            or diag(short($got->{body} // 'nothing'));
        is(outcome($res, $backend), $want, "$name: $transport");
    }
}

# 900 kB of metadata; one byte in a frame or a chunk would take too long.

my $large = '{"user_metadata":{' . join(',', map {
    sprintf '"name%06d":{"text":"%s","list":[1,2,3,null]}', $_, "\xc3\xa9" x 20
} 1 .. 10800) . '}}';

cmp_ok(length $large, '>', 900_000, 'the metadata is large');
cmp_ok(length $large, '<', 1_048_576, 'and not too large');

for my $transport ('length', 'file', 'unbuffered', 'tiny buffer',
                   'single buffer', 'HTTP/2')
{
    my $res = deliver($t, $transport, 'PATCH', '/v2/facebook%7C10', $large,
                      'Content-Type' => 'application/json');
    my ($got) = $backend->requests;

    ok($got && $got->{body} eq $large, "H5.1 large, to the byte: $transport");
    is(outcome($res, $backend),
       '200 passed allowed [PATCH ' . short($large) . ']',
       "H5.1 large: $transport");
}

for my $sizes ([3000], [1, 65536], [ 1, 2, 3, 500_000 ]) {
    my $res = $t->request('PATCH', '/v2/facebook%7C10', ':body' => $large,
                          ':chunks' => $sizes,
                          'Content-Type' => 'application/json');
    my ($got) = $backend->requests;

    ok($got && $got->{body} eq $large, "H5.1 large, to the byte: @$sizes");
    is(outcome($res, $backend),
       '200 passed allowed [PATCH ' . short($large) . ']',
       "H5.1 large, chunks: @$sizes");
}


# Media types

my $body = '{"blocked":true}';
my $passed = "200 passed allowed [PATCH $body]";

sub send_to {
    my ($method, $uri, $body, %headers) = @_;

    return outcome($t->request($method, $uri,
                               defined $body ? (':body' => $body) : (),
                               %headers), $backend);
}

for my $type ('application/json', 'Application/JSON',
              'application/json;charset=utf-8',
              'application/json; charset=UTF-8',
              "application/json\t;\tcharset=Utf-8 ",
              'application/json; charset="utf-8"',
              'application/json; Charset="UTF-8"; version=1',
              'application/json; version=1; charset=utf-8',
              'application/json; profile=x',
              'application/merge-patch+json',
              'application/merge-patch+json; charset=utf-8')
{
    is(send_to('PATCH', '/v2/facebook%7C10', $body, 'Content-Type' => $type),
       $passed, "H5.2 $type");
}

is(send_to('PATCH', '/v2/facebook%7C10', $body,
           'Content-Type' => 'application/json',
           'Content-Encoding' => 'Identity'),
   $passed, 'H5.2 no coding');

for my $name ('X-HTTP-Method-Overrides', 'X-Method', 'X-HTTP-Methods',
              'HTTP-Method-Override', 'Content-Types', 'X-Content-Type')
{
    is(send_to('PATCH', '/v2/facebook%7C10', $body,
               'Content-Type' => 'application/json', $name => 'PUT'),
       $passed, "H5.8 $name is another header");
}


# What is no write

for my $method ('GET', 'DELETE', 'POST', 'OPTIONS', 'PROPFIND') {
    is(send_to($method, '/v2/facebook%7C10'),
       "200 passed no_body [$method ]", "H5.1 $method without a body");
    is(send_to($method, '/v2/facebook%7C10', ''),
       "200 passed no_body [$method ]", "H5.1 $method with an empty body");
    is(send_to($method, '/v2/facebook%7C10', '', ':chunks' => [1]),
       "200 passed no_body [$method ]", "H5.1 $method with no chunk");
}

is(send_to('HEAD', '/v2/facebook%7C10'), '200 passed no_body [HEAD ]',
   'H5.1 HEAD');
is(outcome($t->http2_request('GET', '/v2/facebook%7C10'), $backend),
   '200 passed no_body [GET ]', 'H5.1 HTTP/2 without a body');

# A body makes a write of it.

is(send_to('DELETE', '/v2/facebook%7C10', $body,
           'Content-Type' => 'application/json'),
   "200 passed allowed [DELETE $body]", 'H5.1 DELETE with a body');


# The guard leaves no trace on the request and on the answer.

sub heads {
    my ($uri, @options) = @_;

    my $res = $t->request('PATCH', $uri, ':body' => $body,
                          'Content-Type' => 'application/json', @options);
    my ($got) = $backend->requests;
    my $head = $res->raw_head =~ s/^(?:Date|X-Action|X-Reason): .*\r\n//mgr;

    $backend->forget;

    return ($got->{head} . $got->{body}, $head . $res->body);
}

for my $how ([ 'length' ], [ 'chunks', ':chunks' => [5] ],
             [ 'unbuffered, chunks', ':chunks' => [5],
               ':port' => $t->port(4) ],
             [ 'headers', 'X-Own' => 'x', 'Accept' => '*/*',
               'Authorization' => 'Bearer x', 'Content-Language' => 'en' ])
{
    my ($name, @options) = @$how;
    my ($request, $answer) = heads('/plain/facebook%7C10', @options);
    my ($guarded, $got) = heads('/v2/facebook%7C10', @options);

    # What nginx has read whole has a length.

    $request =~ s/^Transfer-Encoding: chunked/Content-Length: 16/m;
    $request =~ s/%7C/|/;
    $guarded =~ s/%7C/|/;

    my @lines = map { [ sort split /\r\n/, $_ ] } $request, $guarded;

    is_deeply($lines[1], $lines[0], "H5.1 the request is as it was: $name");
    is($got, $answer, "H5.1 the answer is as it was: $name");
}


# Connections

my $json = 'Content-Type: application/json';

my $client = $t->connect;

ok(send_read($client, "PATCH /v2/facebook%7C10 HTTP/1.1\r\nHost: localhost\r\n"
                      . "Expect: 100-continue\r\n$json\r\n"
                      . "Content-Length: 16\r\n\r\n"),
   'H5.1 the body waits for 100');

$client->fill;
like($client->rest, qr{\AHTTP/1\.1 100 Continue\r\n\r\n\z}, 'H5.1 100');
$client->send($body);

my $res = $client->response;

is_deeply([ $res->interim ], [ 100 ], 'H5.1 100 once');
is(outcome($res, $backend), $passed, 'H5.1 Expect: 100-continue');
$client->close;

$client = $t->connect;

$client->send(map { my $n = $_;
                    my $text = qq({"user_metadata":{"a":$n}});
                    my $length = length $text;

                    $n % 2 ? "PATCH /v2/facebook%7C10 HTTP/1.1\r\n"
                             . "Host: localhost\r\n$json\r\n"
                             . "Content-Length: $length\r\n\r\n$text"
                           : "PATCH /v2/facebook%7C10 HTTP/1.1\r\n"
                             . "Host: localhost\r\n$json\r\n"
                             . "Transfer-Encoding: chunked\r\n\r\n"
                             . ProfileTest::Client::chunked($text, [4])
                  } 1 .. 10);

my @statuses = map { $client->response->status } 1 .. 10;

is("@statuses", join(' ', (200) x 10), 'H5.1 ten in a row');
is(join(' ', map { $_->{body} =~ /:(\d+)\}/ } $backend->requests),
   join(' ', 1 .. 10), 'H5.1 ten in a row, each with its body');

$client->close;
$backend->forget;

is(send_to('PATCH', '/v2/facebook%7C10', $body, ':version' => '1.0',
           'Content-Type' => 'application/json'), $passed, 'H5.1 HTTP/1.0');

$client = $t->connect;

for my $n (1 .. 3) {
    $client->send("PATCH /v2/facebook%7C10 HTTP/1.0\r\n$json\r\n"
                  . "Connection: keep-alive\r\nContent-Length: 16\r\n\r\n"
                  . $body);

    is(outcome($client->response, $backend), $passed,
       "H5.1 HTTP/1.0, request $n of a connection");
}

$client->close;

# Streams of one connection of HTTP/2, their frames mixed.

my $h2 = $t->http2;
my @ids = map { $h2->request('PATCH', '/v2/facebook%7C10', ':open' => 1,
                             'content-type' => 'application/json') } 1 .. 3;

for my $part ('{"user_met', 'adata":{"a"', ':1}') {
    $h2->data($_, $part, open => 1) for @ids;
}

$h2->data($_, '}') for @ids;

is($h2->response($_)->status, 200, "H5.1 HTTP/2, stream $_") for @ids;
is(join(' ', map { $_->{body} } $backend->requests),
   join(' ', ('{"user_metadata":{"a":1}}') x 3), 'H5.1 HTTP/2, bodies');

$h2->close;
$backend->forget;

# Another server gets the body as well.

is(send_to('PATCH', '/again/facebook%7C10', $body,
           'Content-Type' => 'application/json'), $passed,
   'H5.1 the second server');
is(($failing->requests)[0]{body}, $body, 'H5.1 the first server');


unlike($t->log, qr/request (?:would be )?refused/, 'H5.1 nothing was refused');

done_testing;
