#!/usr/bin/perl

# Proves what happens around the call that reads a bag (M8): a client that
# leaves meanwhile, a reload, a cache, limits and error pages of the bag's
# location, the next request of the connection; that the last read of a PATCH
# whose bag fails tells what was written; what is counted and logged (M8.6), and
# what nginx -t says.  It fails when a request hangs or goes on for nobody, when
# a name is logged twice or a name of a client becomes a label.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Metrics;

use JSON::PP qw(decode_json);

my $t = ProfileTest->new(log => 'info');

my $user = '{"user_id":"facebook|1","link":"l","plan":"x","groups":[1]}';
my $v2 = '{"user_id":"facebook|1","link":"l","groups":[1],'
         . '"app_metadata":{"plan":"x"},"user_metadata":{}}';
my $bag = '{"plan":"x"}';

sub answer {
    my ($conn, $request) = @_;

    my $uri = $request->{uri};
    my ($name) = $uri =~ m{\A/api/users/([^/?]+)};

    return { body => '{}' } if $request->{method} eq 'PATCH';

    if ($name =~ /\Agate/ && $uri =~ /metadata/) {
        return { body => [ '{"pl', \$name, 'an":"x"}' ] };
    }

    if ($name =~ /\Amany(\d*)/) {
        my $list = join ',', map { "\"name$_$1\":$_" } 1 .. 300;

        return { body => $uri =~ /metadata/ ? '{}'
                         : "{\"user_id\":\"facebook|1\",$list}" };
    }

    return { status => 500 } if $name =~ /\Afails/ && $uri =~ /metadata/
                                && -e $t->dir . '/written';

    if ($name eq 'odd') {
        return { body => $uri =~ /metadata/ ? '{"link":1,"\n\u00e9%":2}'
                 : '{"user_id":"facebook|1","link":1,"\n\u00e9%":2,'
                   . '"am_link":3,"' . 'n' x 300 . '":4}' };
    }

    return { body => $uri =~ /metadata/ ? $bag : $user };
}

my $backend = $t->backend({ '*' => \&answer });

my $conf = <<'END';
    include profile/auth0.conf;

    upstream profile_backend {
        server %%BACKEND%%;
    }

    limit_req_zone $http_x_limit zone=limit:1m rate=1r/m;
    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m;
    profile_zone profiles 1m key=$http_x_case;

    log_format exact '$request_uri $status $profile_action $profile_reason '
                     'exact=$profile_exact calls=$profile_calls '
                     '"$profile_applied"';

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%
        access_log %%DIR%%/access.log exact;
        profile_metrics profiles;
        error_page 401 404 500 502 503 504 /page.html;

        profile_exact /.profile/bag;
        include profile/gateway.conf;

        location /metrics {
            profile_status;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_2%%;
        access_log %%DIR%%/access.log exact;
        error_page 401 404 500 502 503 504 /page.html;
        profile_user_id /users/*;
        profile_exact /bag;

        location /users/ {
            proxy_pass
             http://profile_backend/api/users/$profile_user_id_escaped;
            proxy_cache cache;
            proxy_cache_key $uri;
            proxy_cache_valid 200 1h;
            profile_rewrite auth0;
        }

        location = /bag {
            internal;
            limit_req zone=limit;
            proxy_pass
             http://profile_backend/api/users/$profile_user_id_escaped/metadata;
            proxy_cache cache;
            proxy_cache_key $uri$profile_user_id_escaped;
            proxy_cache_valid 200 1h;
        }

        location = /page.html {
            return 200 page;
        }
    }
END

$t->conf($conf);
$t->start;

sub calls {
    return join "\n", map { "$_->{method} $_->{uri}" } $backend->requests;
}

sub logged {
    my ($uri) = @_;

    my $line;

    $t->wait(sub {
        ($line) = grep { /\A\Q$uri\E / } split /\n/,
                       $t->read_file('access.log');
        return $line;
    });

    return $line;
}

sub asked {
    my ($uri) = @_;

    return $t->wait(sub { return grep { $_->{uri} eq $uri }
                                      $backend->requests });
}


# A client that leaves while the bag is read; by HTTP/2 too.

for my $how ('close', 'abort') {
    my $conn = $t->connect;

    $backend->forget;
    $conn->send("GET /api/v2/users/gate-$how HTTP/1.1\r\nHost: x\r\n\r\n");

    ok(asked("/api/users/gate-$how/metadata"), "$how: the bag is asked for");

    $conn->$how;
    $backend->open_gate("gate-$how");

    is(logged("/api/v2/users/gate-$how"),
       "/api/v2/users/gate-$how 499 failed client exact=- calls=1 \"-\"",
       "$how: the log");
    is(calls(), "GET /api/users/gate-$how/metadata", "$how: no other call");
}

my $h2 = $t->http2;
my $left = $h2->request('GET', '/api/v2/users/gate-h2');
my $stays = $h2->request('GET', '/api/v2/users/gate-h2b');

ok(asked('/api/users/gate-h2/metadata'), 'HTTP/2: the bag is asked for');
$h2->rst($left, 8);
ok(asked('/api/users/gate-h2b/metadata'), 'HTTP/2: the other one, too');
$backend->open_gate('gate-h2');

is(logged('/api/v2/users/gate-h2'),
   '/api/v2/users/gate-h2 499 failed client exact=- calls=1 "-"',
   'HTTP/2: the log');

$backend->open_gate('gate-h2b');
is($h2->response($stays)->body, $v2, 'HTTP/2: the other stream goes on');
$h2->close;

# Requests behind each other.

my $conn = $t->connect;
$conn->send("GET /api/v2/users/1 HTTP/1.1\r\nHost: x\r\n\r\n" x 2
            . "GET /api/v2/users/fails HTTP/1.1\r\nHost: x\r\n\r\n");
is($conn->response->body, $v2, 'pipelined: the first');
is($conn->response->body, $v2, 'pipelined: the second');
is($conn->response->body, $v2, 'pipelined: the third');
$conn->close;

# An error of the bag's location, and no page of the server's.

$t->get('/users/1', ':port' => $t->port(2), 'X-Limit' => 'a');

my $r = $t->get('/users/1', ':port' => $t->port(2), 'X-Limit' => 'a');

is($r->status, 503, 'U6 limit_req of the bag: 503');
like($r->body, qr/\A\{"statusCode":503,/, 'H4.6 not the page of the server');

# What caches keep is v1's.

$backend->forget;

for my $turn (1 .. 3) {
    is($t->get('/users/7', ':port' => $t->port(2))->body, $v2, "cache: $turn");
}

is(calls(), "GET /api/users/7/metadata\nGET /api/users/7",
   'cache: both are kept');

# The last read of a PATCH: what was written is told.

$r = $t->request('PATCH', '/api/v2/users/fails', ':body' =>
                 '{"app_metadata":{"plan":1}}',
                 'Content-Type' => 'application/json');
is($r->status, 200, 'U4.2 a PATCH');

{
    my $late = $t->backend(sub {
        my $c = shift;
        my $written;

        while (my $request = $c->read_request) {
            $written = 1 if $request->{method} eq 'PATCH';
            $t->write_file('written', 1) if $request->{method} eq 'PATCH';
            $c->answer($request, answer($c, $request)) or last;
        }
    });

    my $other = ProfileTest->new(log => 'info');

    $other->conf(<<"END");
    include profile/auth0.conf;

    upstream profile_backend {
        server ${\ $late->addr };
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        profile_exact /.profile/bag;
        include profile/gateway.conf;
    }
END
    $other->start;

    $r = $other->request('PATCH', '/api/v2/users/fails', ':body' =>
                         '{"app_metadata":{"plan":1}}',
                         'Content-Type' => 'application/json');

    is($r->status, 502, 'U4.2 the bag fails behind the write');
    like($r->body, qr/Applied before the failure: metadata\./,
         'U4.2 what was written is told');
    $other->stop;
    unlink $t->dir . '/written';
}

# What is counted, and logged once.

$t->get('/api/v2/users/odd', 'X-Case' => 'odd') for 1 .. 3;

my $metrics = ProfileTest::Metrics->of($t);
my @mine = (zone => 'profiles', key => 'odd');

is_deeply($metrics->values('schema_disagreements_total', 'attribute', @mine),
          [ 'link', 'other' ], 'M8.6 names that the schema knows');
is($metrics->sum('schema_disagreements_total', @mine, attribute => 'link'), 3,
   'M8.6 each time');
is($metrics->sum('schema_disagreements_total', @mine, attribute => 'other'),
   6, 'M8.6 the others are other');
is($metrics->sum('calls_total', @mine, kind => 'bag', result => 'ok'), 3,
   'M8.6 calls');
is_deeply($metrics->values('blocked_attributes_total', 'attribute', @mine),
          [ 'other' ], 'M8.6 none of them was refused');

my $page = decode_json($t->get('/metrics?format=json')->body)
           ->{zones}{profiles}{keys}{odd};

is_deeply($page->{schema_disagreements_total}, { link => 3, other => 6 },
          'M8.6 JSON');
is_deeply($page->{blocked_attributes_total}, { other => 0 },
          'M8.6 JSON: none was refused');
like($t->get('/metrics?format=html')->body,
     qr/metadata to v1 or to the schema only\.<\/td><td>link/, 'M8.6 HTML');

my @told = $t->log =~ /\[info\].*schema "auth0" and v1 differ: (.*?) while/g;

is_deeply([ grep { /link/ } @told ],
          [ '"link" is metadata to v1', '"am_link" is no metadata to v1' ],
          'M8.6 the log, once');
is(scalar(grep { /%0A%C3%A9%25/ } @told), 0, 'M8.6 nothing of what agrees');
is(scalar(grep { $_ eq '"' . 'n' x 64 . '" is no metadata to v1' } @told), 1,
   'M8.6 a long name is cut');

$t->get("/api/v2/users/many$_") for 1 .. 3;

@told = $t->log =~ /\[info\].*and v1 differ: "(name\d+)"/g;

my %once;

is_deeply([ grep { $once{$_}++ } @told ], [], 'M8.6 each name once');
cmp_ok(scalar @told, '<=', 128, 'M8.6 not all of very many');
cmp_ok(scalar @told, '>', 80, 'M8.6 but many');

$metrics = ProfileTest::Metrics->of($t);
is($metrics->sum('schema_disagreements_total', zone => 'profiles', key => '',
                 attribute => 'other') >= 900, 1, 'M8.6 all are counted');

# A reload meanwhile.

$conn = $t->connect;

$conn->send("GET /api/v2/users/gate-r HTTP/1.1\r\nHost: x\r\n\r\n"
            . "GET /api/v2/users/2 HTTP/1.1\r\nHost: x\r\n\r\n");
ok(asked('/api/users/gate-r/metadata'), 'reload: the bag is asked for');
ok($t->reload, 'reload');
$backend->open_gate('gate-r');
is($conn->response->body, $v2, 'reload: what had begun ends well');
$conn->close;

# What nginx -t says.

my @mistakes = (
    [ 'profile_exact bag;',
      qr/invalid URI "bag", expected that of an internal location, or "off"/ ],
    [ 'profile_exact "";', qr/invalid URI ""/ ],
    [ 'profile_exact $uri;', qr/invalid URI "\$uri"/ ],
    [ 'profile_exact;', qr/invalid number of arguments/ ],
    [ 'profile_exact /a /b;', qr/invalid number of arguments/ ],
    [ 'profile_exact /a; profile_exact /b;',
      qr/"profile_exact".* is duplicate/ ],
    [ 'profile_exact off; profile_exact off;', qr/is duplicate/ ],
    [ 'profile_exact /a; profile_list match=a:$arg_a;',
      qr/"profile_exact" is of no use beside "profile_list"/ ],
);

for my $mistake (@mistakes) {
    my ($text, $re) = @$mistake;
    my ($code, $said) = $t->test_conf("server { location /x { $text } }");

    isnt($code, 0, "conf: $text");
    like($said, $re, "conf: $text: the message");
}

for my $text ('profile_exact /a; location /x { profile_list match=a:$arg_a; }',
              'profile_exact /a; location /x { profile_exact off; }',
              'location /x { profile_exact /bag/$arg_id; }')
{
    is(($t->test_conf("server { $text }"))[0], 0, "conf: $text");
}

done_testing;
