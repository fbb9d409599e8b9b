#!/usr/bin/perl

# Proves that bodies of subrequests are rewritten whole, in their place, and
# end well: their last buffer carries last_in_chain and not last_buf, they may
# be ready long before it is their turn, and nginx looks at r->buffered alone
# to know whether one is finished.  A filter that heeds last_buf only loses
# their ends; one that is wrong about r->buffered cuts them.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Client qw(same);

my $t = ProfileTest->new(log => 'info');


# A user as v1 and as v2, and lists of them

my $text = join ',', 1 .. 20000;

sub user {
    my ($n, $length) = @_;

    my $plan = substr $text, $n * 7 % 10000, $length // 20;

    return (qq({"user_id":"auth0|$n","plan":"$plan","email":"u$n\@x.org"}),
            qq({"user_id":"auth0|$n","email":"u$n\@x.org",)
            . qq("app_metadata":{"plan":"$plan"},"user_metadata":{}}));
}


sub users {
    my ($first, $count) = @_;

    my @users = map { [ user($_, 1000) ] } $first .. $first + $count - 1;

    return map { my $v = $_; '[' . join(',', map { $_->[$v] } @users) . ']' }
           0, 1;
}


my %v1 = (empty => '[]');
my %v2 = (empty => '[]');

($v1{$_}, $v2{$_}) = user($_) for 1 .. 5;
($v1{list}, $v2{list}) = users(100, 60);
($v1{big}, $v2{big}) = users(200, 1500);
($v1{long}, $v2{long}) = users(5000, 400);

$v2{bad} = '{"statusCode":502,"error":"Bad Gateway","message":"The backend\'s'
           . ' answer cannot be shown as a profile: ';

my %table = (
    '/bad'    => { body => '{"user_id":"auth0|1","plan":}' },
    '/bad/late' => { body => $v1{list} . '}' },
    '/cut'    => { body => $v1{1}, cut => 30 },
    '/none'   => { status => 404, body => '{"error":"none"}' },
    '/text'   => { type => 'text/plain', body => $v1{1} },
    '/inside' => { body => '{"user_id":"auth0|1","plan":'
                           . q("<!--# include virtual='/in/2' -->") . '}' },
);

for my $name (keys %v1) {
    $table{"/$name"} = { body => $v1{$name} };
    $table{"/gate/$_/$name"} = { body => [ \$_, $v1{$name} ] } for 'a' .. 'g';
    $table{"/gzip/$name"} = { body => $v1{$name}, gzip => 1 };

    $t->write_file("html/$name.json", $v1{$name});
}

my $backend = $t->backend(\%table);


# Pages: their name, and what they include; in capitals what comes with "wait"

my %pages = (
    one       => [ '/in/1' ],
    several   => [ map { "/in/$_" } qw(1 2 empty 3 list 4 5) ],
    waiting   => [ map { "/IN/$_" } qw(1 2 list 3) ],
    mixed     => [ qw(/in/1 /IN/2 /file/list.json /in/3 /return/4
                      /off/5 /stream/list /in/gzip/list) ],
    streams   => [ qw(/stream/list /unbuffered/list /stream/empty
                      /unbuffered/1 /stream/2 /stream/gzip/list) ],
    files     => [ qw(/file/big.json /whole/long.json /stream-file/list.json
                      /whole/big.json) ],
    cached    => [ qw(/cache/big /cache/1 /cache/list) ],
    large     => [ qw(/in/big /unbuffered/long /stream/big) ],
    ssi       => [ '/page/several.html', '/in/3', '/page/one.html' ],
    passed    => [ '/text', '/none', '/in/1' ],
    failed    => [ '/in/1', '/in/bad', '/in/2' ],
    cut       => [ '/in/1', '/in/cut', '/in/2' ],
    broken    => [ '/in/1', '/stream/bad/late', '/in/2' ],
    slow      => [ qw(/in/gate/a/1 /in/list /stream/2 /file/big.json
                      /unbuffered/list) ],
    slower    => [ qw(/in/1 /unbuffered/gate/b/list /unbuffered/big
                      /in/gate/c/2 /stream/long) ],
    last      => [ qw(/in/list /in/big /stream/gate/d/1) ],
    partial   => [ '/sub/1', '/sub/list', '/sub/2' ],
    leaving   => [ qw(/in/1 /in/gate/e/2 /whole/big.json) ],
);

for my $name (keys %pages) {
    my $page = "<$name>";

    for my $uri (@{ $pages{$name} }) {
        my $wait = $uri =~ /IN/ ? ' wait="yes"' : '';

        $page .= sprintf '<!--# include virtual="%s"%s -->;', lc $uri, $wait;
    }

    $t->write_file("html/$name.html", "$page</$name>");
}


$t->write_file('html/memory.html', join '', map {
    qq(<!--# include virtual="/$_" set="v" -->)
    . '<!--# echo var="v" encoding="none" -->;' } qw(in/1 unbuffered/2 stream/3
                                                    file/4.json in/gzip/5));


# What a page must become

sub page {
    my ($name) = @_;

    my $page = "<$name>";

    for my $uri (@{ $pages{$name} }) {
        if ($uri =~ m{\A/page/(\w+)}) {
            $page .= page($1) . ';';
            next;
        }

        my ($body) = $uri =~ m{(\w+)(?:\.json)?\z};

        $page .= ($uri =~ m{\A/off/} ? $v1{$body} : $v2{$body}) . ';';
    }

    return "$page</$name>";
}


my $locations = <<'END';
        location /page/ {
            alias %%DIR%%/html/;
            ssi on;
        }

        location /in/ {
            proxy_pass http://%%BACKEND%%/;
        }

        location /off/ {
            proxy_pass http://%%BACKEND%%/;
            profile_rewrite off;
        }

        location /unbuffered/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_buffering off;
        }

        location /stream/ {
            proxy_pass http://%%BACKEND%%/;
            profile_buffer_size 0;
        }

        location /cache/ {
            proxy_pass http://%%BACKEND%%/;
            proxy_cache one;
            proxy_cache_valid 1h;
        }

        location /file/ {
            alias %%DIR%%/html/;
        }

        location /stream-file/ {
            alias %%DIR%%/html/;
            profile_buffer_size 0;
        }

        location /whole/ {
            alias %%DIR%%/html/;
            output_buffers 1 4m;
        }

        location /return/ {
            types { }
            default_type application/json;
            return 200 '$profile';
        }

        location /sub/ {
            proxy_pass http://%%BACKEND%%/;
            sub_filter_types application/json;
            sub_filter '"user_metadata":{}}]~' 'never';
        }

        location /inside {
            proxy_pass http://%%BACKEND%%;
            ssi on;
            ssi_types application/json;
        }

        location /added/ {
            add_before_body /in/1;
            add_after_body /stream/list;
            addition_types application/json;

            location /added/json/ {
                proxy_pass http://%%BACKEND%%/;
            }

            location /added/file/ {
                alias %%DIR%%/html/;
            }

            location /added/page/ {
                alias %%DIR%%/html/;
                addition_types text/html;
                ssi on;
            }
        }

        location /authorized/ {
            auth_request /auth/1;
            proxy_pass http://%%BACKEND%%/;

            location /authorized/slow/ {
                auth_request /auth/gate/f/1;
                proxy_pass http://%%BACKEND%%/;
            }

            location /authorized/denied/ {
                auth_request /auth/denied;
                proxy_pass http://%%BACKEND%%/;
            }
        }

        location /auth/ {
            proxy_pass http://%%BACKEND%%/;
        }

        location /auth/denied {
            return 403;
        }

        location /mirrored/ {
            mirror /mirror/gate/g/list;
            proxy_pass http://%%BACKEND%%/;
        }

        location /mirror/ {
            internal;
            proxy_pass http://%%BACKEND%%/;
        }

        location = /text {
            proxy_pass http://%%BACKEND%%;
        }

        location = /none {
            proxy_pass http://%%BACKEND%%;
        }
END

$t->conf(<<"END");
    include profile/auth0.conf;

    proxy_cache_path %%DIR%%/cache keys_zone=one:1m;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_buffer_size 2k;
    proxy_buffers 8 2k;
    proxy_busy_buffers_size 4k;

    types {
        application/json json;
        text/html html;
    }

    map "" \$profile {
        "" '$v1{4}';
    }

    profile_rewrite auth0;

    log_format profile '\$uri \$profile_action \$profile_users';

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        access_log %%DIR%%/access.log profile;

$locations
    }

    server {
        listen 127.0.0.1:%%PORT_2%% sndbuf=4k;

$locations
    }
END

$t->start;

my ($r, $c);

# Starts a request, and waits until the backend has so many

sub begin {
    my ($uri, $requests, %opt) = @_;

    $backend->forget;

    $c = $t->connect(%opt);
    $c->send("GET $uri HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    ok($backend->wait_requests($requests), "subrequests under way, $uri");
}


# Includes

for my $page (qw(one several waiting mixed streams files cached cached large
                 ssi partial))
{
    same($t->get("/page/$page.html"), page($page), "H6 subrequests: $page");
    same($t->get("/page/$page.html", ':version' => '1.0'), page($page),
         "H6 subrequests, HTTP/1.0: $page");
    same($t->http2_request('GET', "/page/$page.html"), page($page),
         "H6 subrequests, HTTP/2: $page");
}

same($t->get('/page/passed.html'),
     "<passed>$v1{1};" . '{"error":"none"};' . "$v2{1};</passed>",
     'H1.2 subrequests passed untouched');


same($t->get('/page/memory.html'), join('', map { "$v2{$_};" } 1 .. 5),
     'H1.3 subrequests in memory');


# A client that reads slowly

for my $page (qw(several streams files cached large)) {
    $c = $t->connect(port => $t->port(2), rcvbuf => 2048);
    $c->send("GET /page/$page.html HTTP/1.1\r\nHost: a\r\n\r\n"
             . "GET /in/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

    same($c->response, page($page),
         "H6 r->buffered not cleared early in subrequests: $page");
    same($c->response, $v2{1},
         "H6 r->buffered not left set in subrequests: $page");
}


# Order, when what comes later is ready first

begin('/page/slow.html', 4);
$backend->open_gate('a');
same($c->response, page('slow'), 'H6 order kept, the first one is slow');

begin('/page/slower.html', 5, port => $t->port(2), rcvbuf => 2048);
$backend->open_gate('c');
$backend->open_gate('b');
same($c->response, page('slower'), 'H6 order kept, slow ones and slow client');

begin('/page/last.html', 3);

$r = $c->head;

my $ready = length "<last>$v2{list};$v2{big}";

ok($c->read_until($r, sub { $_[0]->length >= $ready }),
   'H3.1 what is complete has left before the last one came');

$backend->open_gate('d');
same($c->finish($r), page('last'), 'H6 order kept, the last one is slow');


# Errors stay in their place, and do not stop the page.

for my $page (qw(failed cut)) {
    my ($before, $after) = ("<$page>$v2{1};$v2{bad}", ";$v2{2};</$page>");

    $r = $t->get("/page/$page.html");

    ok($r->complete, "H4.1 subrequest, $page: page is whole");
    like($r->body, qr/\A\Q$before\E[^;]*"\}\Q$after\E\z/,
         "H4.1 subrequest, $page: answer in its place");
}

ok($t->wait_log(qr/\[error\].*subrequest: "\/in\/bad"/),
   'H4.3 logged with the subrequest');

$r = $t->get('/page/broken.html');

ok(!$r->complete, 'H4.2 subrequest, streaming: page is cut');
unlike($r->body, qr/<.broken>/, 'H4.2 subrequest, streaming: no end');


# Rewritten outside, and inside again

same($t->get('/inside'), '{"user_id":"auth0|1","app_metadata":{"plan":'
                         . qq("$v2{2}"},"user_metadata":{}}),
     'H6 rewritten outside and inside');


# The addition filter

same($t->get('/added/json/2'), "$v2{1}$v2{2}$v2{list}",
     'H6 addition, before and after');
same($t->get('/added/json/big'), "$v2{1}$v2{big}$v2{list}",
     'H6 addition, before and after a list');
same($t->get('/added/json/empty'), "$v2{1}$v2{empty}$v2{list}",
     'H6 addition, before and after an empty list');
same($t->get('/added/file/big.json'), "$v2{1}$v2{big}$v2{list}",
     'H6 addition, before and after a file');
same($t->get('/added/page/ssi.html'), $v2{1} . page('ssi') . $v2{list},
     'H6 addition, before and after includes');


# auth_request asks for the status only.

same($t->get('/authorized/1'), $v2{1}, 'H6 auth_request with a JSON 200');
same($t->get('/authorized/big'), $v2{big},
     'H6 auth_request with a JSON 200, list');
is($t->get('/authorized/denied/1')->status, 403, 'H6 auth_request denies');

begin('/authorized/slow/list', 1);
$backend->open_gate('f');
same($c->response, $v2{list}, 'H6 auth_request, slow');


# mirror: nobody reads its response.

begin('/mirrored/list', 2);
same($c->response, $v2{list}, 'H6 mirror, before it is answered');

$backend->open_gate('g');

same($t->get('/mirrored/big'), $v2{big}, 'H6 mirror, list');
same($t->request('POST', '/mirrored/1', ':body' => 'x' x 100000), $v2{1},
     'H6 mirror, with a body');


# A client that leaves while subrequests are under way

begin('/page/leaving.html', 2);
$r = $c->head;
ok($c->read_until($r, qr/auth0\|1/), 'H3.2 part of the page came');
$c->abort;
$backend->open_gate('e');
same($t->get('/in/1'), $v2{1}, 'H3.2 subrequests, the client left');

$t->stop;


# A request is counted once, with its subrequests.

my $access = $t->read_file('access.log');

like($access, qr{^/page/several.html rewritten 65$}m,
     'H1.3 users of subrequests are counted');
like($access, qr{^/page/failed.html failed 2$}m,
     'H4.3 failed, a subrequest');
like($access, qr{^/added/json/2 rewritten 62$}m,
     'H1.3 users of additions are counted');
unlike($t->log, qr/zero size buf/, 'H6 no buffer of size zero');

done_testing;
