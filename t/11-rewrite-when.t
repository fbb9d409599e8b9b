#!/usr/bin/perl

# Proves when a response is rewritten (H1), whoever made it, and that all else
# is what an nginx without the module would have sent, head and body.  It fails
# when a condition of H1.1 is left out, or when the filter leaves a trace on
# what it passes.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new;
my $plain = ProfileTest->new(module => '');

my $v1 = '{"_id":"1","user_id":"facebook|1","plan":"full","identities":'
         . '[{"provider":"facebook","access_token":"SECRET"}]}';
my $v2 = '{"user_id":"facebook|1","identities":[{"provider":"facebook"}],'
         . '"app_metadata":{"plan":"full"},"user_metadata":{}}';

my @headers = ('ETag' => '"abc"', 'Accept-Ranges' => 'bytes',
               'Last-Modified' => 'Mon, 21 Oct 2013 20:13:21 GMT',
               'Content-MD5' => 'Q2hlY2sgSW50ZWdyaXR5IQ==',
               'Digest' => 'md5=abc', 'X-Own' => 'one', 'X-Own' => 'two');

my @rewritten = (200, 201);
my @passed = (202, 203, 205, 300, 301, 302, 307, 400, 401, 403, 404, 409, 410,
              415, 422, 429, 500, 501, 502, 503, 504, 204, 304);

my %types = (
    'plain'       => 'application/json',
    'charset'     => 'application/json; charset=utf-8',
    'parameters'  => 'application/json;charset=utf-8;v=1',
    'other'       => 'application/json; v="a;b"',
    'case'        => 'Application/JSON',
    'space'       => "application/json \t; charset=utf-8",
    'semicolon'   => 'application/json;',
    'tab'         => "application/json\t",
    'hal'         => 'application/hal+json; charset=utf-8',
    'vendor'      => 'application/vnd.api+json',
    'text'        => 'text/json',
    'longer'      => 'application/jsonp',
    'shorter'     => 'application/jso',
    'stream'      => 'text/event-stream',
    'in parameter' => 'text/plain; a=application/json',
    'list'        => 'text/plain, application/json',
    'comma'       => 'application/json, text/plain',
    'parameter'   => ';application/json',
    'long'        => 'application/' . 'x' x 300,
    'none'        => '',
);

my @json = ('plain', 'charset', 'parameters', 'other', 'case', 'space',
            'semicolon', 'tab');

sub answer {
    my ($conn, $request) = @_;

    my ($what, $arg) = $request->{uri} =~ m{\A/(\w+)/?([^?/]*)};

    $arg = '' if $what eq 'user';
    $arg =~ s/%20/ /g;

    return { status => $arg, body => $v1, headers => [
             @headers, Location => '/elsewhere', 'Retry-After' => 1 ] }
        if $what eq 'status';

    return { type => $types{$arg}, body => $v1, headers => \@headers }
        if $what eq 'type';

    return { body => $v1, headers => \@headers,
             framing => $what eq 'chunked' ? 'chunked' : 'length' };
}

my $backend = $t->backend({ '*' => \&answer });

my $redirect = $t->backend({
    '*' => { body => 'nothing', headers => [
             'X-Accel-Redirect' => '/internal/user.json' ] },
});


# Responders of the other protocols: what they get is of no interest, but for
# where it ends.

sub read_bytes {
    my ($conn, $n) = @_;

    my $data = '';

    while (length $data < $n) {
        sysread $conn->{socket}, $data, $n - length $data, length $data
            or die "the request is cut\n";
    }

    return $data;
}

my $page = "Content-Type: application/json\r\nETag: \"abc\"\r\n\r\n$v1";

my $fastcgi = $t->backend(sub {
    my ($conn) = @_;

    my ($type, $length) = (0, 1);

    while ($type != 5 || $length) {
        (undef, $type, undef, $length, my $padding)
            = unpack 'CCnnC', read_bytes($conn, 8);
        read_bytes($conn, $length + $padding);
    }

    # The text in two records, a byte and the rest, the end of it, the end.

    $conn->send(map { pack('CCnnCx', 1, $_->[0], 1, length $_->[1], 0)
                      . $_->[1] }
                [ 6, substr $page, 0, -1 ], [ 6, substr $page, -1 ], [ 6, '' ],
                [ 3, "\0" x 8 ]);
});

my $scgi = $t->backend(sub {
    my ($conn) = @_;

    my $length = '';
    $length .= read_bytes($conn, 1) until $length =~ s/:\z//;
    read_bytes($conn, $length + 1);

    $conn->send("Status: 200 OK\r\n$page");
});

my $uwsgi = $t->backend(sub {
    my ($conn) = @_;

    my (undef, $length) = unpack 'CvC', read_bytes($conn, 4);
    read_bytes($conn, $length);

    $conn->send("HTTP/1.1 200 OK\r\n$page");
});


# The same for both: what the module is not to touch.

my $untouched = <<'END';
        default_type application/json;
        proxy_http_version 1.1;
        proxy_set_header Connection "";

        location /v1/ {
            proxy_pass http://%%BACKEND%%/;
        }

        location /return {
            return 200 '%%V1%%';
        }

        location /files/ {
            alias %%FILES%%/;
        }
END

for ($t, $plain) {
    my $text = $untouched;

    $text =~ s/%%V1%%/$v1/;
    $text =~ s/%%FILES%%/$t->dir . '\/html'/e;
    $text =~ s/%%BACKEND%%/$backend->addr/e;

    $_->{untouched} = $text;
}

$plain->conf("    server {\n        listen 127.0.0.1:%%PORT%%;\n"
             . "        %%LISTEN_HTTP2_1%%\n$plain->{untouched}    }\n");

$t->conf(<<"END");
    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;
    ssi_types text/plain;

    # The schema may be defined after its use.

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

$t->{untouched}

        location /v2/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
        }

        location /hal/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_types application/hal+json application/vnd.api+json;
        }

        location /all/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0;
            profile_types *;
        }

        location /if/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 if=\$arg_v2;
        }

        location /if/text/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 if=\$arg_v2\$arg_v3;
        }

        location /if/response/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite auth0 if=\$upstream_http_x_own;
        }

        location /return/v2 {
            profile_rewrite auth0;
            return 200 '$v1';
        }

        location /return/v2/404 {
            profile_rewrite auth0;
            return 404 '$v1';
        }

        location /return/v2/text {
            profile_rewrite auth0;
            default_type text/plain;
            return 200 '$v1';
        }

        location /files/v2/ {
            alias %%DIR%%/html/;
            profile_rewrite auth0;
        }

        location /files/v2/direct/ {
            alias %%DIR%%/html/;
            sendfile on;
            profile_rewrite auth0;
        }

        location /cache/ {
            proxy_cache cache;
            proxy_cache_key \$arg_key;
            proxy_cache_valid 200 1h;
            proxy_ignore_headers Cache-Control Expires;
            add_header X-Cache \$upstream_cache_status;
            proxy_pass http://%%BACKEND%%/;

            location /cache/v2/ {
                proxy_pass http://%%BACKEND%%/;
                profile_rewrite auth0;
            }
        }

        location /fastcgi/ {
            fastcgi_pass %%BACKEND_2%%;
            fastcgi_param REQUEST_METHOD \$request_method;
            profile_rewrite auth0;
        }

        location /scgi/ {
            scgi_pass %%BACKEND_3%%;
            scgi_param REQUEST_METHOD \$request_method;
            profile_rewrite auth0;
        }

        location /uwsgi/ {
            uwsgi_pass %%BACKEND_4%%;
            uwsgi_param REQUEST_METHOD \$request_method;
            profile_rewrite auth0;
        }

        location /ssi/ {
            alias %%DIR%%/html/;
            default_type text/plain;
            ssi on;
        }

        location /error/v1 {
            error_page 404 =200 /internal/user.json;
            return 404;
        }

        location /error/v2 {
            profile_rewrite auth0;
            error_page 404 =200 /files/user.json;
            return 404;
        }

        location /accel/ {
            proxy_pass http://%%BACKEND_1%%;
        }

        location /named/ {
            try_files /none \@named;
        }

        location \@named {
            rewrite ^ /user break;
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
        }

        location /internal/ {
            internal;
            alias %%DIR%%/html/;
            profile_rewrite auth0;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;

        profile_rewrite auth0;
        profile_types application/hal+json;

        location / {
            proxy_pass http://%%BACKEND%%;

            location /user/inner {
                proxy_pass http://%%BACKEND%%;
            }
        }

        location /user/json {
            proxy_pass http://%%BACKEND%%;
            profile_types application/json;

            location /user/json/off {
                proxy_pass http://%%BACKEND%%;
                profile_rewrite off;

                location /user/json/off/inner {
                    proxy_pass http://%%BACKEND%%;
                }

                location /user/json/off/on {
                    proxy_pass http://%%BACKEND%%;
                    profile_rewrite auth0;
                }
            }

            location /user/json/if {
                proxy_pass http://%%BACKEND%%;
                profile_rewrite auth0 if=\$arg_v2;
            }
        }
    }

    include profile/auth0.conf;
END

$t->write_file('html/user.json', $v1);
$t->write_file('html/page', '1<!--# include virtual="/v2/user" -->2'
                            . '<!--# include virtual="/v1/user" -->3'
                            . '<!--# include virtual="/files/v2/user.json" -->'
                            . '4<!--# include virtual="/v2/chunked" -->5');
$t->write_file('html/set', '<!--# include virtual="/v2/user" set="proxied" -->'
                           . '<!--# include virtual="/files/v2/user.json"'
                           . ' set="file" -->'
                           . '1<!--# echo var="proxied" encoding="none" -->'
                           . '2<!--# echo var="file" encoding="none" -->3');

$_->start for $t, $plain;


# What a response is, but for what tells of the moment

sub whole {
    my ($r) = @_;

    return $r->raw_head =~ s/^Date: .*\r\n//mr . "\r\n" . $r->body;
}

sub same {
    my ($method, $uri, $plain_uri, $name, %headers) = @_;

    my $got = $t->request($method, $uri, %headers);
    my $want = $plain->request($method, $plain_uri, %headers);

    is(whole($got), whole($want), $name);

    return $want;
}


# Of another type: all but that the tag is its own and that there is no date.

sub same_but_tag {
    my ($method, $uri, $plain_uri, $name) = @_;

    my $got = $t->request($method, $uri);
    my $want = $plain->request($method, $plain_uri);

    is(whole($got) =~ s/^ETag: "abc\K~v2s[0-9a-f]{16}(?=")//mr,
       whole($want) =~ s/^Last-Modified: .*\r\n//mr, $name);
    isnt($got->header('etag'), $want->header('etag'), "$name, its own tag");
}

my $r;


# H1.1

for my $status (@rewritten) {
    is($t->get("/v2/status/$status")->body, $v2, "H1.1 status $status");
    is($t->get("/v2/status/$status")->status, $status,
       "H1.1 status $status stays");
}

for my $status (@passed) {
    $r = same('GET', "/v2/status/$status", "/v1/status/$status",
              "H1.2 status $status passes");
    is($r->status, $status, "H1.2 status $status was sent");
}

for my $name (sort keys %types) {
    my $type = $types{$name};
    my $uri = "type/$name" =~ s/ /%20/r;

    if (grep { $_ eq $name } @json) {
        $r = $t->get("/v2/$uri");

        is($r->body, $v2, "H1.1 media type \"$type\"");
        is($r->header('content-type'), $plain->get("/v1/$uri")
                                             ->header('content-type'),
           "H1.1 media type \"$type\" stays");

    } else {
        same_but_tag('GET', "/v2/$uri", "/v1/$uri",
                     'H1.2 media type "' . substr($type, 0, 40) . '"');
    }
}

is($t->get('/hal/type/hal')->body, $v2, 'H1.1 +json listed');
is($t->get('/hal/type/vendor')->body, $v2, 'H1.1 another one listed');
same_but_tag('GET', '/hal/user', '/v1/user', 'H1.1 a list is the whole list');
is($t->get('/all/type/text')->body, $v2, 'H1.1 all types listed');
same_but_tag('GET', '/all/type/none', '/v1/type/none',
             'H1.2 no type, all listed');

for my $args ('?v2=1', '?v2=off', '?v2=00', '?v2=%20') {
    is($t->get("/if/user$args")->body, $v2, "H1.1 if= with $args");
}

for my $args ('', '?v2', '?v2=', '?v2=0') {
    same('GET', "/if/user$args", "/v1/user$args", "H1.1 if= without: $args");
}

is($t->get('/if/text/user?v2=0&v3=0')->body, $v2, 'H1.1 if= with a text');
same('GET', '/if/text/user?v3=0', '/v1/user?v3=0', 'H1.1 if= with a text, 0');
is($t->get('/if/response/user')->body, $v2, 'H1.1 if= by the response');


# H1.2

$r = same('GET', '/v1/user', '/v1/user', 'H1.2 no directive');

is($r->body, $v1, 'H1.2 the body was v1');
is($r->framing, 'length', 'H1.2 the length was sent');
is($r->header('etag'), '"abc"', 'H1.2 the ETag was strong');
is($r->header('accept-ranges'), 'bytes', 'H1.2 ranges were accepted');
is($r->header('digest'), 'md5=abc', 'H1.2 a digest was sent');

same('GET', '/v1/chunked', '/v1/chunked', 'H1.2 no directive, chunked');
same('GET', '/v1/chunked', '/v1/chunked', 'H1.2 no directive, HTTP/1.0',
     ':version' => '1.0');
same('HEAD', '/v1/user', '/v1/user', 'H1.2 no directive, HEAD');
same('POST', '/v1/user', '/v1/user', 'H1.2 no directive, POST',
     ':body' => $v1);
same('GET', '/return', '/return', 'H1.2 no directive, return');
same('GET', '/files/user.json', '/files/user.json', 'H1.2 no directive, file');

$r = same('GET', '/files/user.json', '/files/user.json',
          'H1.2 no directive, range', Range => 'bytes=1-5');

is($r->status, 206, 'H1.2 a range was sent');

same_but_tag('HEAD', '/v2/type/text', '/v1/type/text', 'H1.2 other type, HEAD');
same('HEAD', '/v2/status/404', '/v1/status/404', 'H1.2 other status, HEAD');

for my $uri ('/v1/user', '/v1/status/404', '/v2/status/404', '/v2/type/text') {
    my $got = $t->http2_request('GET', $uri);
    my $want = $plain->http2_request('GET', $uri =~ s/v2/v1/r);

    my $but = $uri =~ /text/ ? qr/\A(?:date|etag|last-modified)\z/
                             : qr/\Adate\z/;

    is_deeply([ grep { $_->[0] !~ $but } @{ $got->{headers} } ],
              [ grep { $_->[0] !~ $but } @{ $want->{headers} } ],
              "H1.2 headers over HTTP/2: $uri");
    is($got->body, $want->body, "H1.2 body over HTTP/2: $uri");
}

# Inheritance

my @inner = (
    [ '/user', $v1, 'types of the server' ],
    [ '/type/hal', $v2, 'from the server' ],
    [ '/user/inner', $v1, 'types of the server, two levels' ],
    [ '/user/json', $v2, 'types of the location' ],
    [ '/user/json/off', $v1, 'off' ],
    [ '/user/json/off/inner', $v1, 'off is inherited' ],
    [ '/user/json/off/on', $v2, 'on again' ],
    [ '/user/json/if', $v1, 'a condition of its own, false' ],
    [ '/user/json/if?v2=1', $v2, 'a condition of its own, true' ],
);

for my $inner (@inner) {
    my ($uri, $want, $name) = @$inner;

    is($t->get($uri, ':port' => $t->port(2))->body, $want,
       "H1.1 inheritance: $name");
}


# H1.3

is($t->get('/v2/user')->body, $v2, 'H1.3 proxy_pass');
is($t->get('/v2/chunked')->body, $v2, 'H1.3 proxy_pass, chunked');
is($t->request('POST', '/v2/user', ':body' => '{}')->body, $v2, 'H1.3 POST');
is($t->get('/fastcgi/')->body, $v2, 'H1.3 fastcgi_pass');
is($t->get('/scgi/')->body, $v2, 'H1.3 scgi_pass');
is($t->get('/uwsgi/')->body, $v2, 'H1.3 uwsgi_pass');

for my $uri (qw(/fastcgi/ /scgi/ /uwsgi/)) {
    like($t->get($uri)->header('etag'), qr{\AW/"abc~v2s},
         "H1.3 headers: $uri");
}

$r = $t->get('/return/v2');

is($r->body, $v2, 'H1.3 return');
is($r->header('content-length'), length $v2, 'H1.3 return, length');
is($t->head('/return/v2')->status, 200, 'H1.3 return, HEAD');
is($t->get('/return/v2/404')->body, $v1, 'H1.2 return 404');
is($t->get('/return/v2/text')->body, $v1, 'H1.2 return of a text');

is($t->get('/files/v2/user.json')->body, $v2, 'H1.3 alias');
is($t->get('/files/v2/direct/user.json')->body, $v2, 'H1.3 alias, sendfile');

for my $order ([ 'v1', '/cache/', '/cache/v2/' ],
               [ 'v2', '/cache/v2/', '/cache/' ])
{
    my ($key, @paths) = @$order;

    $backend->forget;

    for my $path (@paths, @paths) {
        $r = $t->get("${path}user?key=$key");

        is($r->body, $path =~ /v2/ ? $v2 : $v1,
           "H1.3 proxy_cache, $key first: $path");
        like($r->header('etag'),
             $path =~ /v2/ ? qr{\AW/"abc~v2s} : qr{\A"abc"\z},
             "H1.3 proxy_cache, $key first: $path ETag");
    }

    is($r->header('x-cache'), 'HIT', "H1.3 proxy_cache, $key first: hit");
    is(scalar $backend->requests, 1, "H1.3 proxy_cache, $key first: once");
}

is($t->get('/named/')->body, $v2, 'H1.3 named location');
is($t->get('/accel/')->body, $v2, 'H1.3 X-Accel-Redirect');
is($t->get('/error/v1')->body, $v2, 'H1.3 error_page to a rewritten one');
is($t->get('/error/v2')->body, $v1, 'H1.3 error_page to one that is not');

is($t->get('/ssi/set')->body, "1${v2}2${v2}3", 'H1.3 subrequests in memory');
is($t->get('/ssi/page')->body, "1${v2}2${v1}3${v2}4${v2}5",
   'H1.3 subrequests, rewritten or not');

is($t->get('/v2/user', ':version' => '1.0')->body, $v2, 'H1.3 HTTP/1.0');
is($t->http2_request('GET', '/v2/user')->body, $v2, 'H1.3 HTTP/2');

done_testing;
