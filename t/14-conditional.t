#!/usr/bin/perl

# Proves that no part of a profile is taken for a profile (H2.5: 206, ranges,
# slices), and that conditional requests and the revalidation of caches work
# through the rewriting (H2.6).  It fails when a range of v1 gets out, or when a
# client can never hit its own cache.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new;

my $v1 = '{"_id":"1","user_id":"a|1","plan":"' . 'full' x 100 . '"}';
my $v2 = '{"user_id":"a|1","app_metadata":{"plan":"' . 'full' x 100 . '"},'
         . '"user_metadata":{}}';

my @validators = ('ETag' => '"abc"',
                  'Last-Modified' => 'Mon, 21 Oct 2013 20:13:21 GMT');


# A backend that knows ranges and validators

sub answer {
    my ($conn, $request) = @_;

    my $headers = $request->{headers};
    my $type = $request->{uri} =~ /text/ ? 'text/plain' : 'application/json';

    return { status => 304, headers => [ @validators, 'X-Upstream' => 1 ] }
        if ($headers->{'if-none-match'} // '') =~ m{\A(?:W/)?"abc"\z}
           || ($headers->{'if-modified-since'} // '') eq $validators[3];

    if (($headers->{range} // '') =~ /\Abytes=(\d+)-(\d*)\z/) {
        my $last = $2 ne '' && $2 < length $v1 ? $2 : length($v1) - 1;

        return { status => 206, type => $type,
                 body => substr($v1, $1, $last - $1 + 1),
                 headers => [ @validators, 'Content-Range' =>
                              "bytes $1-$last/" . length $v1 ] };
    }

    return { type => $type, body => $v1,
             headers => [ @validators, 'Accept-Ranges' => 'bytes' ] };
}

my $backend = $t->backend({
    '*' => \&answer,
    '/part' => { status => 206, body => 'plan', headers => [
                 'Content-Range' => 'bytes 1-4/5' ] },
    '/part/text' => { status => 206, body => 'plan', type => 'text/plain',
                      headers => [ 'Content-Range' => 'bytes 1-4/5' ] },
    '/part/many' => { status => 206, body => 'plan',
                      type => 'multipart/byteranges; boundary=x' },
});

$t->conf(<<'END');
    include profile/auth0.conf;
    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;
    proxy_cache_path %%DIR%%/slices keys_zone=slices:1m;

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        proxy_http_version 1.1;
        proxy_set_header Connection "";
        error_page 500 502 503 504 /50x.html;
        add_header X-Reason $profile_reason always;
        add_header X-Cache $upstream_cache_status;

        location / {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
        }

        location /v1/ {
            proxy_pass http://%%BACKEND%%/;
        }

        location /unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
            profile_rewrite auth0;
        }

        # As the project ships it.

        location /stripped/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_set_header Range "";
            proxy_set_header If-Range "";
            profile_rewrite auth0;
        }

        location /forced/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_set_header Range "";
            proxy_force_ranges on;
            profile_rewrite auth0;
        }

        location /file/ {
            alias %%DIR%%/html/;
            default_type application/json;
            profile_rewrite auth0;

            location /file/v1/ {
                alias %%DIR%%/html/;
                default_type application/json;
                profile_rewrite off;
            }
        }

        location /slices/ {
            slice 100;
            proxy_pass http://%%BACKEND%%/;
            proxy_set_header Range $slice_range;
            proxy_cache slices;
            proxy_cache_key $uri$slice_range;
            proxy_cache_valid 200 206 1h;
            profile_rewrite auth0;

            location /slices/v1/ {
                proxy_pass http://%%BACKEND%%/;
                profile_rewrite off;
            }
        }

        location /slice/ {
            slice 10k;
            proxy_pass http://%%BACKEND%%/;
            proxy_set_header Range $slice_range;
            profile_rewrite auth0;
        }

        location /cache/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_cache cache;
            proxy_cache_key $arg_key;
            proxy_cache_valid 200 1h;
            profile_rewrite auth0;

            location /cache/v1/ {
                proxy_pass http://%%BACKEND%%/;
                profile_rewrite off;
            }

            location /cache/revalidate/ {
                proxy_pass http://%%BACKEND%%/;
                proxy_cache_valid 200 1s;
                proxy_cache_revalidate on;
            }

            location /cache/update/ {
                proxy_pass http://%%BACKEND%%/;
                proxy_cache_valid 200 1s;
                proxy_cache_use_stale updating;
                proxy_cache_background_update on;
            }
        }

        location = /50x.html {
            return 200 "page";
        }
    }
END

$t->write_file('html/user.json', $v1);
$t->start;

my ($r, $c);

sub refused {
    my ($r, $name) = @_;

    is($r->status, 502, "$name: status");
    is($r->header('x-reason'), 'partial', "$name: reason");
    is($r->header('content-range'), undef, "$name: no Content-Range");
    is($r->header('etag'), undef, "$name: no ETag");
    unlike($r->body, qr/plan/, "$name: nothing of v1");
    like($r->body, qr/"errorCode":"invalid_upstream_profile"/, "$name: body");
    ok($r->complete, "$name: whole");
}


# H2.5: a part from the upstream

for my $path ('', '/unbuffered') {
    refused($t->get("$path/part"), "H2.5 206: $path");
    refused($t->get("$path/part/text"), "H2.5 206 of another type: $path");
    refused($t->get("$path/part/many"), "H2.5 206 of many parts: $path");
    refused($t->get("$path/user", Range => 'bytes=1-5'),
            "H2.5 206 asked for: $path");
}

refused($t->get('/part', ':version' => '1.0'), 'H2.5 206, HTTP/1.0');
refused($t->http2_request('GET', '/part'), 'H2.5 206, HTTP/2');

is($t->head('/part')->status, 502, 'H2.5 206, HEAD');
is($t->get('/v1/part')->status, 206, 'H1.2 206 without the directive');
is($t->get('/v1/user', Range => 'bytes=1-5')->body, substr($v1, 1, 5),
   'H1.2 a range without the directive');


# H2.5: a range of what is whole here

for my $uri ('/stripped/user', '/forced/user', '/file/user.json',
             '/cache/user?key=range', '/cache/user?key=range')
{
    for my $headers ([ Range => 'bytes=1-5' ], [ Range => 'bytes=-5' ],
                     [ Range => 'bytes=0-' ], [ Range => 'bytes=9999-' ],
                     [ Range => 'bytes=1-5', 'If-Range' => '"abc"' ],
                     [ Range => 'bytes=1-5', 'If-Range' => $validators[3] ])
    {
        $r = $t->get($uri, @$headers);

        is($r->status, 200, "H2.5 @$headers: $uri");
        is($r->body, $v2, "H2.5 @$headers, whole: $uri");
        is($r->header('accept-ranges'), undef,
           "H2.5 @$headers, none accepted: $uri");
    }
}

my $etag = $t->get('/file/v1/user.json')->header('etag');

is($t->get('/file/v1/user.json', Range => 'bytes=1-5',
           'If-Range' => $etag)->status, 206, 'H1.2 ranges of a file');
is($t->get('/file/user.json', Range => 'bytes=1-5',
           'If-Range' => $etag)->body, $v2, 'H2.5 If-Range of a file');


# H2.5: slices

$backend->forget;

for my $uri ('/slices/user', '/slices/user', '/slice/user') {
    $c = $t->connect;
    $c->send("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n");

    refused($c->response, "H2.5 slices: $uri");

    $c->send("GET /stripped/user HTTP/1.1\r\nHost: a\r\n\r\n");

    is($c->response->body, $v2, "H2.5 slices, next request: $uri");
    $c->close;
}

refused($t->http2_request('GET', '/slices/user'), 'H2.5 slices, HTTP/2');
refused($t->get('/slices/user', ':version' => '1.0'),
        'H2.5 slices, HTTP/1.0');
refused($t->get('/slices/user', Range => 'bytes=150-250'),
        'H2.5 slices, a range');

is($t->head('/slices/user')->status, 502, 'H2.5 slices, HEAD');
is($t->get('/slices/v1/user')->body, $v1, 'H1.2 slices without rewriting');
is($t->get('/slices/v1/user', Range => 'bytes=150-250')->body,
   substr($v1, 150, 101), 'H1.2 slices without rewriting, a range');


# H2.6: the upstream decides, by its own tag; t/world/10-tags.t has all cases

my $tag = $t->get('/user')->header('etag');

like($tag, qr{\AW/"abc~v2s[0-9a-f]{16}"\z}, 'H2.6 the ETag is weak');

$backend->forget;
$r = $t->get('/user', 'If-None-Match' => $tag);

is($r->status, 304, 'H2.6 what the client got is what it may ask with');
is($r->body, '', 'H2.6 a 304: no body');
ok($r->complete, 'H2.6 a 304: whole');
is($r->header('x-upstream'), 1, 'H2.6 a 304: of the upstream');
is($r->header('x-reason'), 'status', 'H1.2 a 304: passed');
is($r->header('etag'), $tag, 'H2.6 a 304: the ETag of the 200');
is(($backend->requests)[0]{headers}{'if-none-match'}, '"abc"',
   'H2.6 a 304: the upstream is asked with its own');
is($t->http2_request('GET', '/user', 'If-None-Match' => $tag)->status, 304,
   'H2.6 a 304, HTTP/2');

for my $headers ([ 'If-None-Match' => 'W/"abc"' ],
                 [ 'If-None-Match' => '"abc"' ],
                 [ 'If-None-Match' => 'W/"b"' ],
                 [ 'If-Modified-Since' => $validators[3] ])
{
    $backend->forget;
    $r = $t->get('/user', @$headers);

    is($r->body, $v2, "H2.6 @$headers: not what the client has");
    is(($backend->requests)[0]{headers}{ lc $headers->[0] }, undef,
       "H2.6 @$headers: does not go up");
    is($t->http2_request('GET', '/user', @$headers)->status, 200,
       "H2.6 @$headers: HTTP/2");
}


# H2.6: nginx decides

for my $uri ('/file/user.json', '/cache/user?key=304',
             '/cache/user?key=304')
{
    $r = $t->get($uri);

    my $etag = $r->header('etag');

    like($etag, qr{\AW/"}, "H2.6 the ETag is weak: $uri");

    is($t->get($uri, 'If-None-Match' => $etag)->status, 304,
       "H2.6 If-None-Match: $uri");
    is($t->get($uri, 'If-None-Match' => qq("x", $etag))->status, 304,
       "H2.6 If-None-Match, two: $uri");
    is($t->get($uri, 'If-None-Match' => '"x"')->body, $v2,
       "H2.6 If-None-Match, another one: $uri");
    is($r->header('last-modified'), undef, "H2.6 no date: $uri");
    is($t->get($uri, 'If-Modified-Since' => 'Fri, 31 Dec 2100 00:00:00 GMT')
         ->body, $v2, "H2.6 If-Modified-Since: $uri");
}


# H2.6: the cache asks.  It has v1 and its strong ETag.

sub until_cache {
    my ($uri, $status) = @_;

    my $r;

    $t->wait(sub {
        $r = $t->get($uri);

        is($r->body, $v2, "H2.6 v2: $uri") unless $r->body eq $v2;

        return $r->header('x-cache') eq $status;
    });

    return $r;
}

my $uri = '/cache/revalidate/user?key=revalidate';

$r = $t->get($uri);

is($r->header('x-cache'), 'MISS', 'H2.6 revalidation: into the cache');

$backend->forget;
$r = until_cache($uri, 'REVALIDATED');

is($r->header('x-cache'), 'REVALIDATED', 'H2.6 revalidation');
is($r->status, 200, 'H2.6 revalidation: status');
is($r->body, $v2, 'H2.6 revalidation: body');
is($r->header('etag'), $tag, 'H2.6 revalidation: ETag');
is(($backend->requests)[0]{headers}{'if-none-match'}, '"abc"',
   'H2.6 revalidation: the cache asks with what it has');

$uri = '/cache/update/user?key=update';
$r = $t->get($uri);

is($r->header('x-cache'), 'MISS', 'H2.6 update: into the cache');

$r = until_cache($uri, 'STALE');

is($r->header('x-cache'), 'STALE', 'H2.6 update: an old one first');
is($r->body, $v2, 'H2.6 update: an old one is v2');

$r = until_cache($uri, 'HIT');

is($r->header('x-cache'), 'HIT', 'H2.6 update: then a new one');
is($r->body, $v2, 'H2.6 update: a new one is v2');

is($t->get('/cache/v1/user?key=update')->body, $v1,
   'H1.3 the cache holds v1 after the update');

done_testing;
