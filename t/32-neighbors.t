#!/usr/bin/perl

# Proves that the filter lives with its neighbors: what runs behind it in the
# chain of filters sees v2, what runs before it has seen v1, and whatever
# sends the request elsewhere finds each response treated by the location that
# made it.  A filter in another place of the chain, or one whose state does not
# end with an internal redirect, fails here.  The filter that refuses a header
# after it was held is the test's own, t/nginx/ngx_http_refuse_filter_module.c.

use lib 't/lib';
use ProfileTest;

my $t = ProfileTest->new;
my $refuse = $t->compile('ngx_http_refuse_filter_module');


sub user {
    my ($n, $name) = @_;

    $name //= 'n';

    return (qq({"_id":"$n","user_id":"auth0|$n","lastLogin":"$name",)
            . qq("plan":"p$n"}),
            qq({"user_id":"auth0|$n","last_login":"$name",)
            . qq("app_metadata":{"plan":"p$n"},"user_metadata":{}}));
}


sub users {
    my @users = map { [ user($_) ] } 1 .. $_[0];

    return map { my $v = $_; '[' . join(',', map { $_->[$v] } @users) . ']' }
           0, 1;
}


my (%v1, %v2);

($v1{$_}, $v2{$_}) = user($_) for 1 .. 5;
($v1{list}, $v2{list}) = users(50);
($v1{many}, $v2{many}) = users(500);
($v1{big}, $v2{big}) = users(3000);
($v1{koi}, $v2{koi}) = user(6, "\xd1\x8e");

my $koi = $v2{koi} =~ s/\xd1\x8e/\xc0/r;
my $text = 'lastLogin is no JSON';
my $page = 'page' x 2000 . '<!--#include virtual="/1" -->' . 'page' x 2000;
my $event = "data: $v1{1}\n\n";

sub slice {
    my ($conn, $req) = @_;
    my $body = $req->{uri} =~ /page/ ? $page : $v1{many};
    my $type = $req->{uri} =~ /json/ ? 'application/json' : 'text/html';
    my ($first, $last) = ($req->{headers}{range} // '') =~ /(\d+)-(\d+)/
        or return $body;

    my $length = length $body;

    $last = $length - 1 if $last >= $length;

    return { status => 206, body => substr($body, $first, $last - $first + 1),
             type => $type,
             headers => [ 'Content-Range' => "bytes $first-$last/$length",
                          'ETag' => '"s"' ] };
}


# The first request gets a body, the next ones an error or a 304.

my %table = (
    '/cyrillic' => $v1{koi},
    '/slice/json' => \&slice,
    '/slice/text' => \&slice,
    '/slice/page' => \&slice,
    '/slice/dry/json' => \&slice,
    '/text'     => { type => 'text/plain', body => $text, gzip => 1 },
    '/bad'      => '{"user_id":"auth0|1",}',
    '/bad/late' => $v1{big} . 'x',
    '/cut'      => { body => $v1{1}, cut => 20 },
    '/cut/chunked' => { body => $v1{1}, cut => 20, framing => 'chunked' },
    '/none'     => { status => 404, body => '{"lastLogin":1,"user_id":""}' },
    '/broken'   => { status => 500, body => $v1{1} },
    '/plain'    => { type => 'text/plain', body => $text },
    '/accel'    => { body => 'no JSON', headers => [
                     'X-Accel-Redirect' => '/file/2.json' ] },
    '/accel/off' => { body => $v1{1}, headers => [
                      'X-Accel-Redirect' => '/off/file/2.json' ] },
    '/accel/named' => { body => $v1{1},
                        headers => [ 'X-Accel-Redirect' => '@named' ] },
    '/events'   => { type => 'text/event-stream', framing => 'chunked',
                     body => [ $event, \'event', $event ] },
    '/nothing'  => { status => 204 },
    '/reset'    => { status => 205, length => 0 },
    '/same'     => { status => 304, headers => [ 'ETag' => '"e"' ] },
    '/empty'    => '',
    '/created'  => { status => 201, body => $v1{1} },
    '/range'    => { body => $v1{list},
                     headers => [ 'Accept-Ranges' => 'bytes' ] },
    '/revalidate' => sub {
        my ($conn, $req) = @_;

        return { status => 304, headers => [ 'ETag' => '"e"',
                                             'X-Accel-Expires' => '@1' ] }
            if ($req->{headers}{'if-none-match'} // '') eq '"e"';

        return { body => $v1{list},
                 headers => [ 'ETag' => '"e"', 'X-Accel-Expires' => '@1' ] };
    },
    '/upgrade' => sub {
        my ($conn, $req) = @_;

        $conn->send("HTTP/1.1 101 Switching Protocols\r\n"
                    . "Content-Type: application/json\r\n"
                    . "Connection: upgrade\r\nUpgrade: echo\r\n\r\n$v1{1}");
        $conn->wait_gate('upgrade');
        $conn->send($v1{2});
        $conn->wait_close;

        return undef;
    },
);

# Stale responses: the backend fails once it has answered.

for my $way (qw(error stale update)) {
    $table{"/$way"} = sub {
        my ($conn, $req) = @_;

        return { status => 500, body => $v1{2} }
            if -e $t->dir . "/fails-$way";

        return { body => $v1{list}, headers => [ 'X-Accel-Expires' => '@1' ] };
    };
}

for my $name (keys %v1) {
    $table{"/$name"} = { body => $v1{$name},
                         headers => [ 'ETag' => '"e"' ] };
    $table{"/gzip/$name"} = { body => $v1{$name}, gzip => 1 };

    $t->write_file("html/$name.json", $v1{$name});
}

my $backend = $t->backend(\%table);

$t->write_file('html/50x.html', 'stock error page');

my $server = <<'END';
        %%LISTEN%%

        location / {
            proxy_pass http://%%BACKEND%%;
        }

        location /gzipped/ {
            proxy_pass http://%%BACKEND%%/;
            gzip on;
            gzip_types application/json;
            gzip_min_length 0;
        }

        location /gunzip/ {
            proxy_pass http://%%BACKEND%%/;
            gunzip on;
        }

        location /sub/ {
            proxy_pass http://%%BACKEND%%/;
            sub_filter_types application/json;
            sub_filter_once off;
            sub_filter '"last_login"' '"seen"';
            sub_filter '"lastLogin"' '"v1"';
        }

        location /recoded/ {
            proxy_pass http://%%BACKEND%%/;
            charset koi8-r;
            source_charset utf-8;
            charset_types application/json;
        }

        location /all/ {
            proxy_pass http://%%BACKEND%%/;
            gzip on;
            gzip_types application/json;
            gzip_min_length 0;
            gunzip on;
            sub_filter_types application/json;
            sub_filter_once off;
            sub_filter '"last_login"' '"seen"';
            ssi on;
            ssi_types application/json;
            charset koi8-r;
            source_charset utf-8;
            charset_types application/json;
            add_before_body /1;
            add_after_body /plain;
            addition_types application/json;
            add_header X-Own yes;
        }

        location /slice/ {
            slice 1k;
            proxy_set_header Range $slice_range;
            proxy_pass http://%%BACKEND%%;
            ssi on;

            location /slice/dry/ {
                slice 1k;
                proxy_set_header Range $slice_range;
                proxy_pass http://%%BACKEND%%;
                profile_rewrite_dry_run on;
            }
        }

        location /cache/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_cache one;
            proxy_cache_key $server_port$uri;
            proxy_cache_valid 200 1h;
            proxy_cache_use_stale error http_500;
            proxy_cache_revalidate on;
            add_header X-Cache $upstream_cache_status;
        }

        location /cache/update {
            proxy_pass http://%%BACKEND%%/update;
            proxy_cache one;
            proxy_cache_key $server_port$uri;
            proxy_cache_use_stale updating http_500;
            proxy_cache_background_update on;
            add_header X-Cache $upstream_cache_status;
        }

        location /cached-v1/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_cache one;
            proxy_cache_key $server_port/cache/$arg_name;
            proxy_cache_valid 200 1h;
            profile_rewrite off;
            add_header X-Cache $upstream_cache_status;
        }

        location /store/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_store %%DIR%%/%%STORE%%$uri;
        }

        location /file/ {
            alias %%DIR%%/html/;
        }

        location /off/file/ {
            alias %%DIR%%/html/;
            profile_rewrite off;
        }

        location @named {
            rewrite ^ /3 break;
            proxy_pass http://%%BACKEND%%;
        }

        location @off {
            rewrite ^ /3 break;
            proxy_pass http://%%BACKEND%%;
            profile_rewrite off;
        }

        location /fallback/ {
            proxy_intercept_errors on;
            proxy_pass http://%%BACKEND%%/;
            error_page 404 = @named;
            error_page 500 =200 /file/4.json;
            error_page 502 = @off;
        }

        location /intercepted/ {
            proxy_intercept_errors on;
            proxy_pass http://%%BACKEND%%/;
            error_page 404 /50x.html;
            error_page 500 502 503 504 /50x.html;
        }

        location /down {
            proxy_pass http://127.0.0.1:%%PORT_9%%;
            error_page 502 = @named;
        }

        location /stock/ {
            proxy_pass http://%%BACKEND%%/;
            error_page 500 502 503 504 /50x.html;
        }

        location /stock/down {
            proxy_pass http://127.0.0.1:%%PORT_9%%;
            error_page 500 502 503 504 /50x.html;
        }

        location = /50x.html {
            root %%DIR%%/html;
        }

        location /refused/ {
            proxy_pass http://%%BACKEND%%/;
            refuse 415;
        }

        location /refused/page/ {
            proxy_pass http://%%BACKEND%%/;
            refuse 415;
            error_page 415 /50x.html;
        }

        location /refused/json/ {
            proxy_pass http://%%BACKEND%%/;
            refuse 415;
            error_page 415 =200 /file/4.json;
        }

        location /refused/file/ {
            alias %%DIR%%/html/;
            refuse 415;
            error_page 415 =200 /file/4.json;
        }

        location /try/ {
            root %%DIR%%/html;
            try_files $uri.json /html/$arg_file @named;
        }

        location /try/off/ {
            root %%DIR%%/html;
            try_files /none @off;
        }

        location /index/ {
            alias %%DIR%%/html/;
            index 4.json;
        }

        location /moved/ {
            rewrite ^/moved/(.*) /file/$1.json last;
        }

        location /return {
            types { }
            default_type application/json;
            return 200 '$profile';
        }

        location /return/none {
            types { }
            default_type application/json;
            return 404 '$profile';
        }

        location /return/empty {
            types { }
            default_type application/json;
            return 200 '';
        }

        location /rate/ {
            proxy_pass http://%%BACKEND%%/;
            limit_rate 1m;
            limit_rate_after 1k;
        }

        location /upgrade {
            proxy_pass http://%%BACKEND%%;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
            profile_rewrite off;
        }

        location /unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
        }

        location /ranges/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_force_ranges on;
        }

        location /after/ {
            proxy_pass http://%%BACKEND%%/;
            post_action /posted;
        }

        location /posted {
            proxy_pass http://%%BACKEND%%/big;
        }
END

# The same twice: with headers that are held, and streaming at once.

my ($held, $streaming) = map {
    my ($listen, $store) = @$_;

    $server =~ s/%%LISTEN%%/$listen/r =~ s/%%STORE%%/$store/r;

} [ 'listen 127.0.0.1:%%PORT%%; %%LISTEN_HTTP2_1%%', 'store' ],
  [ 'listen 127.0.0.1:%%PORT_2%%; profile_buffer_size 0;', 'stored' ];

$t->conf(<<"END", main => "load_module $refuse;");
    include profile/auth0.conf;

    proxy_cache_path %%DIR%%/cache keys_zone=one:1m;
    proxy_http_version 1.1;
    proxy_set_header Connection "";

    types {
        application/json json;
        text/html html;
    }

    charset_map koi8-r utf-8 {
        C0 D18E;
    }

    map "" \$profile {
        "" '$v1{4}';
    }

    profile_rewrite auth0;

    server {
$held
    }

    server {
$streaming
    }
END

$t->start;

my ($r, $c);

my $answer = qr/\A\{"statusCode":502,"error":"Bad[ ]Gateway","message":"[^"]+",
                "errorCode":"invalid_upstream_profile"\}\z/x;

# An answer of the module's own; what streams at once is cut instead.

sub is_answer {
    my ($res, $name, $mode) = @_;

    if ($mode eq 'streaming') {
        ok(!$res->complete, "H4.2 $name, $mode: cut");
        unlike($res->body, qr/lastLogin|,\}/, "H4.2 $name, $mode: no v1");
        return;
    }

    $name .= ", $mode";

    is($res->status, 502, "H4.1 $name: status");
    like($res->body, $answer, "H4.1 $name: body");
    is($res->header('Content-Type'), 'application/json', "H4.1 $name: type");
    ok($res->complete, "H4.1 $name: whole");
}


sub same {
    my ($got, $expected, $name) = @_;

    ok(defined $got && $got eq $expected, $name)
        or diag(sprintf '%d bytes for %d: %.300s', length $got // '',
                length $expected, $got // 'undef');
}


for my $mode ('held', 'streaming') {
    my $port = $t->port($mode eq 'held' ? 0 : 2);
    my $get = sub { $t->get(@_, ':port' => $port) };
    my $get_gzip = sub { $get->(@_, 'Accept-Encoding' => 'gzip') };

    # gzip and gunzip

    for my $name (qw(1 list big)) {
        for my $from ('', 'gzip/') {
            $r = $get_gzip->("/gzipped/$from$name");

            is($r->header('Content-Encoding'), 'gzip',
               "H6 gzip, $mode: $from$name is packed");
            same($r->text, $v2{$name}, "H6 gzip, $mode: $from$name");
            ok($r->complete, "H6 gzip, $mode: $from$name is whole");

            $r = $get->("/gzipped/$from$name");

            is($r->header('Content-Encoding'), undef,
               "H6 no gzip, $mode: $from$name is not packed");
            same($r->body, $v2{$name}, "H6 no gzip, $mode: $from$name");
            same($get->("/gunzip/$from$name")->body, $v2{$name},
                 "H6 gunzip, $mode: $from$name");
        }
    }

    like($get_gzip->('/gzipped/1')->header('ETag'), qr{\AW/"e~v2s},
         "H2.2 gzip, $mode: weak ETag");

    same($get->('/gunzip/text')->body, $text, "H6 gunzip of others, $mode");
    same($get_gzip->('/gunzip/text')->text, $text,
         "H6 gunzip not wanted, $mode");

    # sub_filter

    for my $name (qw(1 list big)) {
        $r = $get->("/sub/$name");

        same($r->body, $v2{$name} =~ s/"last_login"/"seen"/gr,
             "H6 sub_filter sees v2, $mode: $name");
        ok($r->complete, "H6 sub_filter, $mode: $name is whole");
    }

    # charset

    $r = $get->('/recoded/cyrillic');

    is($r->header('Content-Type'), 'application/json; charset=koi8-r',
       "H6 charset, $mode: type");
    same($r->body, $koi, "H6 charset, $mode");

    # all at once

    $r = $get_gzip->('/all/cyrillic');

    same($r->text,
         $v2{1} . $koi =~ s/"last_login"/"seen"/r . $text,
         "H6 all filters, $mode");
    is($r->header('X-Own'), 'yes', "H6 all filters, $mode: headers");

    # slice

    $c = $t->connect(port => $port);
    $c->send("GET /slice/json HTTP/1.1\r\nHost: a\r\n\r\n"
             . "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    is_answer($c->response, 'slice', 'held');
    same($c->response->body, $v2{1}, "H6 slice, $mode: the next request");
    is($c->read_eof, '', "H6 slice, $mode: nothing of the other slices");

    same($get->('/slice/text')->body, $v1{many},
         "H1.2 slice, $mode: what is no JSON");
    same($get->('/slice/dry/json')->body, $v1{many},
         "H1.2 slice, $mode: dry run");
    same($get->('/slice/page')->body, $page =~ s/<.*>/$v2{1}/r,
         "H6 slice, $mode: a page of slices, and what it includes");

    # proxy_cache

    for my $name (qw(1 list big)) {
        for my $status (qw(MISS HIT HIT)) {
            $r = $get->("/cache/$name");

            is($r->header('X-Cache'), $status,
               "H1.3 cache, $mode: $name $status");
            same($r->body, $v2{$name}, "H1.3 cache, $mode: $name, $status, v2");
        }

        $r = $get->("/cached-v1/?name=$name");

        is($r->header('X-Cache'), 'HIT', "H1.3 cache, $mode: $name, same key");
        same($r->body, $v1{$name}, "H1.3 cache, $mode: $name, v1 is stored");
    }

    is($get->('/cache/1', 'If-None-Match' => $get->('/cache/1')
                                                  ->header('ETag'))->status,
       304, "H2.6 cache, $mode: not modified");

    $r = $t->head('/cache/1', ':port' => $port);

    is($r->header('X-Cache'), 'HIT', "H2.3 cache, $mode: HEAD");
    is($r->header('Content-Length'), undef, "H2.3 cache, $mode: no length");

    is($get->('/cache/revalidate')->header('X-Cache'), 'MISS',
       "H1.3 cache, $mode: to be revalidated");

    $r = $get->('/cache/revalidate');

    is($r->header('X-Cache'), 'REVALIDATED', "H1.3 cache, $mode: revalidated");
    same($r->body, $v2{list}, "H1.3 cache, $mode: revalidated, v2");

    unlink $t->dir . '/fails-stale', $t->dir . '/fails-update';

    for my $way (qw(stale update)) {
        is($get->("/cache/$way")->header('X-Cache'), 'MISS',
           "H1.3 cache, $mode: $way, to be stale");

        $t->write_file("fails-$way", '');
        $r = $get->("/cache/$way");

        is($r->header('X-Cache'), 'STALE', "H1.3 cache, $mode: $way");
        same($r->body, $v2{list}, "H1.3 cache, $mode: $way, v2");
    }

    # proxy_store

    my $store = $mode eq 'held' ? 'store' : 'stored';

    for my $name (qw(1 big)) {
        mkdir $t->dir . "/$store";

        same($get->("/store/$name")->body, $v2{$name},
             "H6 proxy_store, $mode: $name");
        same($t->read_file("$store/store/$name"), $v1{$name},
             "H6 proxy_store, $mode: $name is stored as v1");
    }

    # Stored means read to its end, which must not look like that of the client.

    $c = $t->connect(port => $port);
    $c->send("GET /store/bad/late HTTP/1.1\r\nHost: a\r\n\r\n"
             . "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    $r = $c->response;

    ok(!$r->complete, "H4.2 proxy_store, $mode: cut");
    ok(!$r->timed_out, "H4.2 proxy_store, $mode: closed");
    is($c->read_eof, '', "H4.2 proxy_store, $mode: nothing follows");
    same($t->read_file("$store/store/bad/late"), $v1{big} . 'x',
         "H6 proxy_store, $mode: stored all the same");

    # X-Accel-Redirect, error_page, try_files, index, rewrite

    same($get->('/accel')->body, $v2{2}, "H6 X-Accel-Redirect, $mode");
    same($get->('/accel/off')->body, $v1{2},
         "H6 X-Accel-Redirect, $mode: to one that is off");
    same($get->('/accel/named')->body, $v2{3},
         "H6 X-Accel-Redirect, $mode: named location");

    $r = $get->('/fallback/none');

    is($r->status, 200, "H6 error_page 404 = \@x, $mode: status");
    same($r->body, $v2{3}, "H6 error_page 404 = \@x, $mode");

    $r = $get->('/fallback/broken');

    is($r->status, 200, "H6 error_page 500 =200, $mode: status");
    same($r->body, $v2{4}, "H6 error_page 500 =200, $mode");
    same($get->('/down')->body, $v2{3}, "H6 error_page 502 = \@x, $mode");

    is_answer($get->('/fallback/bad'), 'error_page 502 = @x', $mode);

    $r = $get->('/intercepted/none');

    is($r->status, 404, "H6 proxy_intercept_errors, $mode: status");
    same($r->body, 'stock error page', "H6 proxy_intercept_errors, $mode");
    same($get->('/intercepted/1')->body, $v2{1},
         "H6 proxy_intercept_errors, $mode: no error");
    is_answer($get->('/intercepted/bad'), 'proxy_intercept_errors', $mode);

    $r = $get->('/stock/down');

    is($r->status, 502, "H6 stock error_page, $mode: status");
    same($r->body, 'stock error page', "H6 stock error_page, $mode");
    same($get->('/stock/broken')->body, $v1{1},
         "H6 stock error_page, $mode: the upstream's own error");
    is_answer($get->('/stock/bad'), 'stock error_page', $mode);

    same($get->('/try/5?file=')->body, $v2{3}, "H6 try_files, $mode: named");
    same($get->('/try/off/5')->body, $v1{3}, "H6 try_files, $mode: off");
    same($get->('/index/')->body, $v2{4}, "H6 index, $mode");
    same($get->('/moved/big')->body, $v2{big}, "H6 rewrite, $mode");

    # a header that is refused after it was held

    for my $name (qw(1 list)) {
        $r = $get->("/refused/$name");

        is($r->status, 415, "H6 header refused, $mode: $name, status");
        unlike($r->body, qr/user_id/, "H6 header refused, $mode: $name, body");

        $r = $get->("/refused/page/$name");

        is($r->status, 415, "H6 error_page after it was held, $mode: $name");
        same($r->body, 'stock error page',
             "H6 error_page after it was held, $mode: $name, page");
        ok($r->complete,
           "H6 error_page after it was held, $mode: $name, whole");

        for my $uri ("json/$name", "file/$name.json", 'file/big.json') {
            $r = $get->("/refused/$uri");

            is($r->status, 200,
               "H6 error_page after it was held, $mode: $uri");
            same($r->body, $v2{4},
                 "H6 error_page after it was held, $mode: $uri, v2");
        }
    }

    # return

    same($get->('/return')->body, $v2{4}, "H6 return, $mode");
    is($get->('/return/none')->status, 404, "H6 return 404, $mode");
    same($get->('/return/none')->body, $v1{4}, "H1.2 return 404, $mode");

    $r = $t->head('/return', ':port' => $port);

    is($r->status, 200, "H6 HEAD on return, $mode");
    is($r->header('Content-Length'), undef, "H2.3 HEAD on return, $mode");

    is_answer($get->('/return/empty'), 'return of nothing', $mode);
    is_answer($get->('/empty'), 'body of length 0', $mode);

    $c = $t->connect(port => $port);
    $c->send("HEAD /return HTTP/1.1\r\nHost: a\r\n\r\n"
             . "HEAD /1 HTTP/1.1\r\nHost: a\r\n\r\n"
             . "HEAD /file/1.json HTTP/1.1\r\nHost: a\r\n\r\n"
             . "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    is($c->response(method => 'HEAD')->status, 200,
       "H6 HEAD on return, $mode: the next one") for 1 .. 3;
    same($c->response->body, $v2{1}, "H6 HEAD, $mode: then a GET");

    # What is never touched

    $r = $get->('/nothing');

    is($r->status, 204, "H6 204 untouched, $mode");
    is($r->header('Content-Length'), undef, "H6 204 untouched, $mode: length");
    is($get->('/reset')->status, 205, "H6 205 untouched, $mode");
    is($get->('/same')->status, 304, "H6 304 untouched, $mode");
    is($get->('/same')->header('ETag'), '"e"', "H6 304 untouched, $mode: ETag");
    is($get->('/created')->body, $v2{1}, "H1.1 201, $mode");

    $r = $t->http("POST /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                  . "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
                  port => $port);

    is_deeply([ $r->interim ], [ 100 ], "H6 100 untouched, $mode");
    same($r->body, $v2{1}, "H6 100, $mode: and what comes then");

    # Ranges of what the module made

    $r = $get->('/range', 'Range' => 'bytes=0-9');

    is($r->status, 200, "H2.5 a range, $mode: the whole");
    same($r->body, $v2{list}, "H2.5 a range, $mode");
    is($r->header('Accept-Ranges'), undef, "H2.2 ranges, $mode");
    same($get->('/ranges/list', 'Range' => 'bytes=0-9')->body, $v2{list},
         "H2.5 a forced range, $mode");
    same($get->('/file/list.json', 'Range' => 'bytes=0-9')->body, $v2{list},
         "H2.5 a range of a file, $mode");

    # limit_rate

    same($get->('/rate/list')->body, $v2{list}, "H3.2 limit_rate, $mode");

    # post_action: a response that nobody gets

    $backend->forget;

    same($get->('/after/1')->body, $v2{1}, "H6 post_action, $mode");
    ok($backend->wait_requests(2), "H6 post_action, $mode: posted");
}


# An event stream

for my $uri ('/unbuffered/events', '/events') {
    $c = $t->connect;
    $c->send("GET $uri HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    $r = $c->head;

    is($r->header('Content-Type'), 'text/event-stream',
       "H6 text/event-stream never held: $uri");

    ok($c->read_until($r, qr/\A\Q$event\E/),
       "H6 text/event-stream never held, first event: $uri");

    $backend->open_gate('event');
    same($c->finish($r)->body, $event x 2,
         "H6 text/event-stream untouched: $uri");
}


# 101: the connection belongs to another protocol.

$c = $t->connect;
$c->send("GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n"
         . "Upgrade: echo\r\n\r\n");
$r = $c->head;

is($r->status, 101, 'H6 101 untouched');

1 while length($c->rest) < length $v1{1} && $c->fill;
same($c->rest, $v1{1}, 'H6 101 untouched, first');

$backend->open_gate('upgrade');

1 while length($c->rest) < length "$v1{1}$v1{2}" && $c->fill;
same($c->rest, "$v1{1}$v1{2}", 'H6 101 untouched, second');

$c->close;


# The upstream dies while the header is held.

for my $uri ('/cut', '/cut/chunked', '/stock/cut', '/intercepted/cut',
             '/fallback/cut', '/unbuffered/cut', '/cache/cut', '/store/cut')
{
    is_answer($t->get($uri), "upstream dies, $uri", 'held');
}

done_testing;
