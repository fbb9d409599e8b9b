#!/usr/bin/perl

# Proves what becomes of the headers of a rewritten response (H2): its length,
# what is held back and until when, and what a changed body makes untrue.  It
# fails when a stale length, a strong ETag or a digest of v1 goes to a client,
# or when a header leaves before the body was checked.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new;

# A user whose v2 form has so many bytes.

my $around = '{"user_id":"a|1","email":"",'
             . '"app_metadata":{},"user_metadata":{}}';

sub user {
    my ($length) = @_;

    my $pad = 'x' x ($length - length $around);

    return (qq({"user_id":"a|1","email":"$pad"}),
            $around =~ s/"email":"\K/$pad/r);
}

my $v1 = '{"user_id":"a|1","_id":"1"}';
my $v2 = '{"user_id":"a|1","app_metadata":{},"user_metadata":{}}';
my $list = '[' . join(',', ($v1) x 10) . ']';
my $bad = $list =~ s/\]\z/}/r;

my @digests = qw(Content-MD5 Digest Content-Digest Repr-Digest);

my %headers = (
    '/strong' => [ ETag => '"abc"' ],
    '/weak'   => [ ETag => 'W/"abc"' ],
    '/empty'  => [ ETag => '""' ],
    '/odd'    => [ ETag => 'abc' ],
    '/ranges' => [ 'Accept-Ranges' => 'bytes', 'Accept-Ranges' => 'x' ],
    '/modified' => [ 'Last-Modified' => 'Mon, 21 Oct 2013 20:13:21 GMT' ],
    '/digests'  => [ map { $_ => 'x', lc $_ => 'y', uc $_ => 'z' } @digests ],
    '/near'     => [ 'Digests' => 1, 'X-Digest' => 2, 'Want-Digest' => 3,
                     'Content-MD' => 4, 'Content-MD55' => 5 ],
    '/many'     => [ map({ ("X-$_" => $_) } 1 .. 30), 'Digest' => 'x',
                     map({ ("X-$_" => $_) } 31 .. 59), 'Content-MD5' => 'y',
                     map({ ("X-$_" => $_) } 60 .. 90), 'ETag' => '"abc"' ],
    '/others'   => [ 'Set-Cookie' => 'a=1', 'Set-Cookie' => 'b=2',
                     'Cache-Control' => 'private',
                     'Cache-Control' => 'no-cache', 'Vary' => 'Accept',
                     'Link' => '</a>; rel=next',
                     'Expires' => 'Mon, 21 Oct 2013 20:13:21 GMT',
                     'Content-Language' => 'en', 'Age' => '5',
                     'Content-Disposition' => 'inline',
                     'X-Request-Id' => 'f00' ],
);

my $backend = $t->backend({
    map({ $_ => { body => $v1, headers => $headers{$_} } } keys %headers),
    '/user'    => { body => $v1, type => 'application/json; charset=utf-8' },
    '/created' => { body => $v1, status => 201,
                    headers => [ Location => '/users/1' ] },
    '/chunked' => { body => $v1, framing => 'chunked', chunk => 3 },
    '/old'     => { body => $v1, framing => 'close', version => '1.0' },
    '/nothing' => { body => '[]', headers => [ ETag => '"abc"' ] },
    '/list'    => { body => $list },
    '/pieces'  => { body => $list, piece => 60 },
    '/bad'     => { body => $bad, piece => 60 },
    '/space'   => { body => $v1 . ' ' x 2000 },
    '/size'    => sub {
        my ($conn, $request) = @_;

        my ($v1) = user($request->{uri} =~ /(\d+)\z/);

        return { body => $v1 };
    },
});

$t->conf(<<'END');
    include profile/auth0.conf;

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        proxy_http_version 1.1;
        proxy_set_header Connection "";
        profile_rewrite auth0;

        location / {
            proxy_pass http://%%BACKEND%%;
        }

        location /1k/ {
            proxy_pass http://%%BACKEND%%/;
            profile_buffer_size 1k;
        }

        location /stream/ {
            proxy_pass http://%%BACKEND%%/;
            profile_buffer_size 0;
        }

        location /unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
        }

        location /unbuffered/stream/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
            profile_buffer_size 0;
        }

        location /file {
            alias %%DIR%%/html/user.json;
            default_type application/json;
        }

        location /plain/file {
            alias %%DIR%%/html/user.json;
            default_type application/json;
            profile_rewrite off;
        }
    }
END

$t->write_file('html/user.json', $v1);
$t->start;

my ($r, $c);


# H2.1: the length

for my $uri ('/user', '/chunked', '/old', '/unbuffered/user',
             '/unbuffered/chunked', '/unbuffered/old', '/file', '/1k/user')
{
    $r = $t->get($uri);

    is($r->body, $v2, "H2.1 body: $uri");
    is(join(',', $r->header('content-length')), length $v2,
       "H2.1 exact length: $uri");
    is($r->header('transfer-encoding'), undef, "H2.1 not chunked: $uri");
    ok($r->complete, "H2.1 whole: $uri");
}

$r = $t->get('/user', ':version' => '1.0');

is($r->header('content-length'), length $v2, 'H2.1 exact length, HTTP/1.0');

$r = $t->http2_request('GET', '/user');

is($r->header('content-length'), length $v2, 'H2.1 exact length, HTTP/2');
ok($r->complete, 'H2.1 whole, HTTP/2');

is($t->get('/nothing')->header('content-length'), 2,
   'H2.1 length of what passes');

for my $case ([ '', 65536 ], [ '/1k', 1024 ]) {
    my ($path, $limit) = @$case;

    for my $size ($limit - 1, $limit, $limit + 1, 3 * $limit) {
        my (undef, $want) = user($size);

        my $name = "H2.1 $size bytes at $limit";

        $r = $t->get("$path/size?$size");

        ok($r->body eq $want, "$name: body");
        ok($r->complete, "$name: whole");

        if ($size <= $limit) {
            is($r->header('content-length'), $size, "$name: length");
            is($r->framing, 'length', "$name: not chunked");

        } else {
            is($r->header('content-length'), undef, "$name: no length");
            is($r->framing, 'chunked', "$name: chunked");
        }
    }
}

is($t->get('/1k/space')->framing, 'chunked', 'H2.1 space counts');
ok($t->get('/1k/space')->body eq $v2 . ' ' x 2000, 'H2.1 space is kept');

$r = $t->get('/1k/size?5000', ':version' => '1.0');

is($r->framing, 'close', 'H2.1 HTTP/1.0 until the close');
is($r->header('connection'), 'close', 'H2.1 HTTP/1.0 said so');
is($r->length, 5000, 'H2.1 HTTP/1.0 body');

$r = $t->http2_request('GET', '/1k/size?5000');

is($r->header('content-length'), undef, 'H2.1 HTTP/2 without a length');
is($r->length, 5000, 'H2.1 HTTP/2 body');
ok($r->complete, 'H2.1 HTTP/2 whole');

for my $uri ('/stream/user', '/unbuffered/stream/user', '/stream/nothing') {
    $r = $t->get($uri);

    is($r->framing, 'chunked', "H2.1 size 0 streams: $uri");
    is($r->body, $uri =~ /nothing/ ? '[]' : $v2, "H2.1 size 0: $uri");
    ok($r->complete, "H2.1 size 0, whole: $uri");
}

# Several responses on one connection: none leaves a byte for the next one.

$c = $t->connect;

for my $case ([ GET => '/user' ], [ GET => '/stream/user' ],
              [ GET => '/1k/size?2000' ], [ HEAD => '/user' ],
              [ GET => '/unbuffered/pieces' ])
{
    my ($method, $uri) = @$case;

    $c->send("$method $uri HTTP/1.1\r\nHost: a\r\n\r\n");
    $r = $c->response(method => $method);

    is($r->status, 200, "H2.1 kept alive: $method $uri");
    ok($r->complete, "H2.1 kept alive, whole: $method $uri");
    is($c->rest, '', "H2.1 nothing behind: $method $uri");
}

$c->close;

# What is held: the error behind the last piece still makes a status.

for my $uri ('/bad', '/unbuffered/bad') {
    is($t->get($uri)->status, 502, "H2.1 a flush releases no header: $uri");
}

for my $uri ('/pieces', '/unbuffered/pieces') {
    is($t->get($uri)->framing, 'length', "H2.1 held to the end: $uri");
}

$r = $t->get('/unbuffered/stream/bad');

is($r->status, 200, 'H2.1 size 0 holds nothing');
ok(!$r->complete, 'H2.1 size 0, cut');


# H2.2: the tag is weak, and has a suffix of its own (t/world/10-tags.t)

sub plain {
    my ($r) = @_;

    my $tag = $r->header('etag') // 'none';

    return $tag =~ s/~v2([sw])[0-9a-f]{16}"\z/"/ ? "$1 $tag" : $tag;
}

is(plain($t->get('/strong')), 's W/"abc"', 'H2.2 a strong ETag');
is(plain($t->get('/weak')), 'w W/"abc"', 'H2.2 a weak ETag');
is(plain($t->get('/empty')), 's W/""', 'H2.2 an empty ETag');
is($t->get('/odd')->header('etag'), undef, 'H2.2 an ETag that is none');
is(plain($t->get('/stream/strong')), 's W/"abc"',
   'H2.2 a strong ETag, streaming');
is(plain($t->get('/nothing')), 's W/"abc"', 'H2.2 whatever the body');
is(plain($t->http2_request('GET', '/strong')), 's W/"abc"',
   'H2.2 a strong ETag, HTTP/2');
is(plain($t->get('/file')), 's W/' . $t->get('/plain/file')->header('etag'),
   'H2.2 the ETag of a file');

is($t->get('/ranges')->header('accept-ranges'), undef, 'H2.2 Accept-Ranges');
is($t->get('/file')->header('accept-ranges'), undef,
   'H2.2 Accept-Ranges of a file');
is($t->get('/plain/file')->header('accept-ranges'), 'bytes',
   'H2.2 Accept-Ranges of a file that is not rewritten');

is($t->get('/modified')->header('last-modified'), undef,
   'H2.2 Last-Modified');
is($t->get('/file')->header('last-modified'), undef,
   'H2.2 Last-Modified of a file');
like($t->get('/plain/file')->header('last-modified'), qr/GMT/,
     'H2.2 Last-Modified of a file that is not rewritten');

unlike($t->get('/digests')->raw_head, qr/digest|md5/i, 'H2.2 digests');
unlike($t->get('/stream/digests')->raw_head, qr/digest|md5/i,
       'H2.2 digests, streaming');


# What has nothing to do with the body's bytes is kept, in its order.

sub kept {
    my ($r, $headers) = @_;

    my %names = map { lc $_ => 1 } @$headers;

    return join "\n", map { "$_->[0]: $_->[1]" }
                      grep { $names{ lc $_->[0] } } @{ $r->{headers} };
}

sub lines {
    my (@headers) = @_;

    return join "\n", map { "$headers[2 * $_]: $headers[2 * $_ + 1]" }
                      0 .. $#headers / 2;
}

for my $uri ('/near', '/others') {
    is(kept($t->get($uri), $headers{$uri}), lines(@{ $headers{$uri} }),
       "H2.2 kept: $uri");
}

$r = $t->get('/many');

is(kept($r, $headers{'/many'}),
   lines(map({ ("X-$_" => $_) } 1 .. 90), ETag => $r->header('etag')),
   'H2.2 removed among many');

is($t->get('/user')->header('content-type'), 'application/json; charset=utf-8',
   'H2.2 Content-Type is kept');

$r = $t->get('/created');

is($r->status, 201, 'H2.2 status 201');
is($r->header('location'), '/users/1', 'H2.2 Location');


# H2.3

sub of {
    my ($r) = @_;

    return join "\n", map { "$_->[0]: $_->[1]" }
                      grep { $_->[0] !~ /\A(?:content-length|date
                                               |transfer-encoding)\z/xi }
                      @{ $r->{headers} };
}

for my $uri (qw(/user /strong /digests /many /created /chunked /ranges /file
                /1k/user /stream/user /unbuffered/user))
{
    my $head = $t->head($uri);

    is($head->status, $t->get($uri)->status, "H2.3 HEAD, status: $uri");
    is(of($head), of($t->get($uri)), "H2.3 HEAD as GET: $uri");
    is($head->header('content-length'), undef, "H2.3 HEAD, no length: $uri");
    is($head->body, '', "H2.3 HEAD, no body: $uri");
}

$r = $t->http2_request('HEAD', '/strong');

is(plain($r), 's W/"abc"', 'H2.3 HEAD, HTTP/2');
is($r->header('content-length'), undef, 'H2.3 HEAD, HTTP/2: no length');
is($r->length, 0, 'H2.3 HEAD, HTTP/2: no body');

is($t->head('/plain/file')->header('content-length'), length $v1,
   'H2.3 HEAD of what is not rewritten');

done_testing;
