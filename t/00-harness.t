#!/usr/bin/perl

# Proves the harness with a plain nginx: that clients and backends do to the
# byte what the other tests ask of them, that a cut response is told from a
# whole one, and that trouble in the error log and reports of checkers are
# seen.  It fails when the harness would let a bug of the module pass.

use lib 't/lib';
use ProfileTest;

use IO::Compress::Gzip qw(gzip);
use ProfileTest::Node qw(have_node);
use Time::HiRes qw(sleep);

my $t = ProfileTest->new(module => '');

my $big = join '', map { "line $_ of a body\n" } 1 .. 6000;

my $backend = $t->backend({
    '/length'  => { body => '{"a":1}', headers => [ 'X-One' => '1' ] },
    '/chunked' => { body => 'abcdefghij', framing => 'chunked',
                    chunk => [ 1, 2, 3 ] },
    '/close'   => { body => 'until the end', framing => 'close' },
    '/old'     => { body => 'old', version => '1.0', framing => 'close' },
    '/gzip'    => { body => [ 'abc' x 50, 'def' x 50 ], gzip => 1 },
    '/bytes'   => { body => 'one byte at a time', piece => 1 },
    '/big'     => { body => $big, framing => 'chunked', chunk => 1000 },
    '/cut'     => { body => $big, cut => 50000 },
    '/cut/chunked' => { body => $big, cut => 50000, framing => 'chunked' },
    '/reset'   => { body => $big, cut => 50000, reset => 1 },
    '/gate'    => { body => [ 'first', \'go', 'last' ],
                    framing => 'chunked' },
    '/status'  => { status => 404, reason => 'Nothing', body => 'none' },
    '/empty'   => { status => 204 },
    '/code'    => sub { my ($conn, $req) = @_; "$req->{method} $req->{uri}" },
    '/hang'    => sub { my ($conn) = @_; $conn->wait_close; undef },
});

my $scripted = $t->backend(sub {
    my ($conn) = @_;

    $conn->read_request or return;
    $conn->send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", 'four');
});

$t->conf(<<'END');
    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        client_max_body_size 1m;

        location / {
            proxy_pass http://%%BACKEND%%;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }

        location /gate {
            proxy_pass http://%%BACKEND%%;
            proxy_http_version 1.1;
            proxy_buffering off;
        }

        location /scripted {
            proxy_pass http://%%BACKEND_1%%;
        }

        location /return {
            return 200 "here";
        }

        location /file {
            root %%DIR%%/html;
        }

        location /down {
            proxy_pass http://127.0.0.1:%%PORT_2%%;
        }
    }
END

$t->write_file('html/file', 'x' x 100000);
$t->start;

my ($r, $c, $id, $log);


# Responses of HTTP/1.x

$r = $t->get('/length', 'X-Sent' => 'yes');

is($r->status, 200, 'status');
is($r->body, '{"a":1}', 'body by length');
is($r->header('content-length'), 7, 'header, whatever its case');
is($r->framing, 'length', 'framing by length');
ok($r->complete, 'whole');
like($r->raw_head, qr/^X-One: 1\r$/m, 'head as it came');

$r = $t->get('/chunked');

is($r->body, 'abcdefghij', 'chunked body');
is($r->framing, 'chunked', 'framing by chunks');
ok($r->complete, 'chunked, whole');

is($t->get('/close')->body, 'until the end', 'body up to the close');
is($t->get('/old')->body, 'old', 'backend of HTTP/1.0');

$r = $t->get('/chunked', ':version' => '1.0');

is($r->framing, 'close', 'client of HTTP/1.0');
is($r->body, 'abcdefghij', 'body for a client of HTTP/1.0');
ok($r->complete, 'whole for a client of HTTP/1.0');

$r = $t->get('/gzip');

is($r->text, 'abc' x 50 . 'def' x 50, 'gzip inflated');
isnt($r->body, $r->text, 'gzip was sent');
is($t->get('/length')->text, '{"a":1}', 'text without a coding');

is($t->get('/bytes')->body, 'one byte at a time', 'one byte at a time');
is($t->get('/big')->body, $big, 'big body');
is($t->head('/length')->body, '', 'HEAD has no body');
is($t->get('/empty')->status, 204, 'status 204');
is($t->get('/status')->status, 404, 'status 404');
is($t->get('/code?x=1')->body, 'GET /code?x=1', 'answer by code');
is($t->get('/scripted')->body, 'four', 'backend by code');
is($t->get('/return')->body, 'here', 'no backend');
is($t->get('/file')->length, 100000, 'file');

my $sum = 0;

$t->http("GET /big HTTP/1.0\r\n\r\n", sink => sub { $sum += length $_[0] });
is($sum, length $big, 'body into a sink');


# Cut responses are told from whole ones

$t->allow(qr/\[error\]/);

$r = $t->get('/cut');

is($r->status, 200, 'cut by length has a head');
ok(!$r->complete, 'cut by length is not whole');
cmp_ok($r->length, '<=', 50000, 'cut by length');

$r = $t->get('/cut/chunked');

is($r->framing, 'chunked', 'cut in chunks has a head');
ok(!$r->complete, 'cut in chunks is not whole');

ok(!$t->get('/reset')->complete, 'reset is not whole');
is($t->get('/down')->status, 502, 'nobody listens on a reserved port');

$c = $t->connect;
$c->send("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n");
$r = do { local $c->{patience} = 0.2; $c->response };

ok($r->timed_out, 'no answer in time');
ok(!$r->complete, 'no answer is not whole');

$c->abort;

for my $bad ("zz\r\n", "3\r\nabcd\r\n") {
    my $res = ProfileTest::Response->new('GET');
    my $buf = $bad;

    $res->_parse_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n");
    $res->_advance(\$buf);

    like($res->error, qr/bad chunk/, 'bad chunks');
    ok(!$res->complete, 'bad chunks are not whole');
}


# Step by step, and several on one connection

$c = $t->connect;
$c->send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");

$r = $c->head;

ok($c->read_until($r, qr/first/), 'first part came');
ok(!$r->done, 'before the end');
is($r->body, 'first', 'and no more');

$backend->open_gate('go');
$c->finish($r);

is($r->body, 'firstlast', 'then the rest');
ok($r->complete, 'step by step, whole');

$c->send("GET /length HTTP/1.1\r\nHost: a\r\n\r\n"
         . "HEAD /length HTTP/1.1\r\nHost: a\r\n\r\n"
         . "GET /chunked HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

is($c->response->body, '{"a":1}', 'pipelined, first');
is($c->response(method => 'HEAD')->body, '', 'pipelined, second');
is($c->response->body, 'abcdefghij', 'pipelined, third');
is($c->read_eof, '', 'nothing behind it');
ok($c->eof, 'and the connection closed');

$c->close;


# What backends got

$backend->forget;

is(scalar $backend->requests, 0, 'no request');
is($backend->connections, 0, 'no connection');

$t->get('/return');

is($backend->connections, 0, 'still none');

$r = $t->request('POST', '/code', ':body' => 'some text', 'X-A' => 'b');

is($r->body, 'POST /code', 'answer to a POST');

my ($req) = $backend->requests;

is($req->{method}, 'POST', 'request: method');
is($req->{uri}, '/code', 'request: uri');
is($req->{version}, '1.1', 'request: version');
is($req->{body}, 'some text', 'request: body');
is($req->{headers}{'x-a'}, 'b', 'request: header');
ok($req->{complete}, 'request: whole');

$backend->forget;
$t->request('PUT', '/code', ':body' => 'chunked text', ':chunks' => [ 1, 5 ]);

is(($backend->requests)[0]{body}, 'chunked text', 'request in chunks');

is(ProfileTest::Client::chunked('abcdefg', [ 1, 2 ]),
   "1\r\na\r\n2\r\nbc\r\n2\r\nde\r\n2\r\nfg\r\n0\r\n\r\n", 'sizes of chunks');

$r = $t->http("POST /code HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
              . "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab");

is_deeply([ $r->interim ], [ 100 ], '100 before the answer');
is($r->status, 200, 'answer after the 100');


# HTTP/2

my $h2 = $t->http2;

$r = $h2->response($h2->request('GET', '/length', 'X-A' => 'b'));

is($r->status, 200, 'HTTP/2: status');
is($r->header('content-type'), 'application/json', 'HTTP/2: header');
is($r->body, '{"a":1}', 'HTTP/2: body');
ok($r->complete, 'HTTP/2: whole');

is($h2->response($h2->request('GET', '/big'))->body, $big, 'HTTP/2: big body');
is($h2->response($h2->request('HEAD', '/length'))->header('Content-Length'),
   7, 'HTTP/2: HEAD');

$r = $h2->response($h2->request('GET', '/cut'));

ok(!$r->complete, 'HTTP/2: cut is not whole');
ok(defined $r->rst, 'HTTP/2: RST_STREAM');

$backend->forget;
$r = $h2->response($h2->request('POST', '/code', ':body' => 'abcdefgh',
                                ':frames' => [ 1, 3 ]));

is($r->body, 'POST /code', 'HTTP/2: POST');
is(($backend->requests)[0]{body}, 'abcdefgh', 'HTTP/2: body in frames');

$backend->forget;
$h2->response($h2->request('POST', '/code', ':body' => $big));
is(($backend->requests)[0]{body}, $big, 'HTTP/2: body beyond the window');

my @ids = map { $h2->request('GET', $_) } qw(/chunked /length);

is($h2->response($ids[1])->body, '{"a":1}', 'HTTP/2: second stream');
is($h2->response($ids[0])->body, 'abcdefghij', 'HTTP/2: first stream');
is($h2->goaway, undef, 'HTTP/2: no GOAWAY');

$h2->close;

$h2 = $t->http2(window => 1000);
$id = $h2->request('GET', '/big');

ok($h2->read_until($id, sub { $_[0]->length == 1000 }), 'HTTP/2: window');
ok(!$h2->peek($id)->done, 'HTTP/2: held up');

$h2->update($id, length $big);

is($h2->response($id)->body, $big, 'HTTP/2: goes on');

$h2->close;

is($t->http2_request('GET', '/return')->body, 'here', 'HTTP/2: one request');

my $hpack = ProfileTest::HPACK->new;

is_deeply([ $hpack->decode(pack 'H*', '4803333032580770726976617465') ],
          [ ':status', '302', 'cache-control', 'private' ],
          'HPACK: literals with indexing');
is_deeply([ $hpack->decode(pack 'H*', '4883640effbf') ],
          [ ':status', '307', 'cache-control', 'private' ],
          'HPACK: Huffman code and dynamic table');
is_deeply([ $hpack->decode(pack 'H*',
            '6196d07abe941054d444a8200595040b8166e082a62d1bff') ],
          [ 'date', 'Mon, 21 Oct 2013 20:13:21 GMT' ],
          'HPACK: Huffman code of a date');
is_deeply([ $hpack->decode($hpack->encode('a' => 'x' x 1000)) ],
          [ 'a', 'x' x 1000 ], 'HPACK: long value');


# Processes

my ($worker) = $t->workers;

cmp_ok($t->rss, '>', 100000, 'resident memory');
cmp_ok($t->peak_rss, '>=', $t->rss, 'resident memory at most');

ok($t->reload, 'reload');
ok($t->wait_gone($worker), 'old worker ends');
isnt(($t->workers)[0], $worker, 'new worker');
is($t->get('/return')->body, 'here', 'serves after the reload');

$t->kill_worker;
is($t->get('/return')->body, 'here', 'serves after its worker died');

my ($rc, $out) = $t->test_conf('server { listen 127.0.0.1:%%PORT_3%%; }');

is($rc, 0, 'good configuration');
like($out, qr/test is successful/, 'nginx says so');

($rc, $out) = $t->test_conf('bad_directive on;');

is($rc, 1, 'bad configuration');
like($out, qr/unknown directive "bad_directive"/, 'nginx says what');

eval { ProfileTest->new(module => '')->conf('bad_directive on;')->start };

like($@, qr/unknown directive "bad_directive"/, 'a start that fails dies');

my ($pid, $port) = $t->daemon(
    [ $^X, '-e', '$| = 1; print "ready 123\n"; sleep 99' ], qr/ready (\d+)/);

is($port, 123, 'program started');
ok(kill(0, $pid), 'and runs');

eval { $t->daemon([ $^X, '-e', 'print "no"; exit 1' ], qr/ready/) };

like($@, qr/did not start:\nno/, 'a program that fails dies');


# A checker is checked: each of these is a test of its own that must fail

sub outcome {
    my ($code) = @_;

    my $file = $t->write_file('inner.t', <<"END");
use lib '@{[ $t->top ]}/t/lib';
use ProfileTest;

my \$t = ProfileTest->new(module => '');

\$t->conf('server { listen 127.0.0.1:%%PORT%%; }');
\$t->start;
print "# nginx ", \$t->pid, "\\n";
ok(1, 'something');
$code
done_testing;
END

    local $ENV{TMPDIR} = $t->dir;

    my $output = qx{$^X $file 2>&1};
    my $failed = $? >> 8;
    my ($pid) = $output =~ /^# nginx (\d+)/m;

    return ($failed, $output, $pid);
}

sub append { return "open my \$f, '>>', \$t->dir . '/$_[0]'; print \$f '$_[1]';"
                    . 'close $f;' }

my %bad = (
    'alert'   => append('error.log', "\n1 [alert] 1#1: zero size buf"),
    'emerg'   => append('error.log', "\n1 [emerg] 1#1: bad"),
    'crit'    => append('error.log', "\n1 [crit] 1#1: bad"),
    'report'  => append('reports/any.1', 'something'),
    'code'    => append('error.log', "\nworker process 1 exited with code 98"),
    'stderr'  => append('error.log', "\n==1==ERROR: AddressSanitizer: heap"),
    'worker'  => 'my $n = () = $t->workers; kill "SEGV", $t->workers;'
                 . '$t->wait_log(qr/process \\d+ exited/);',
    'master'  => 'kill "KILL", $t->workers, $t->pid;',
    'in END'  => append('error.log', "\n1 [alert] 1#1: bad")
                 . 'Test::More::done_testing(); exit 0;',
);

for my $name (sort keys %bad) {
    my ($failed, $output, $pid) = outcome($bad{$name});

    isnt($failed, 0, "noticed: $name");
    ok(!kill(0, $pid), "nginx is gone: $name");
}

my %good = (
    'nothing' => '',
    'allowed' => '$t->allow(qr/known/);'
                 . append('error.log', "\n1 [alert] 1#1: known"),
    'stopped' => '$t->stop;',
    'reload'  => '$t->reload; $t->reload; $t->kill_worker;',
    'open'    => 'our $c = $t->connect; $c->send("GET / HTTP/1.1");',
);

for my $name (sort keys %good) {
    my ($failed, $output, $pid) = outcome($good{$name});

    is($failed, 0, "passes: $name") or diag($output);
    ok(!kill(0, $pid), "nginx is gone: $name");
}

for my $end ('die "oops";', 'kill "INT", $$; sleep 5;', 'kill "KILL", $$;') {
    my ($failed, $output, $pid) = outcome($end);
    my $until = time + 10;

    sleep 0.05 while kill(0, $pid) && time < $until;

    ok(!kill(0, $pid), "nginx is gone after: $end");
}


# A test on Node is left out where there is none, unless all have to run.

{
    local $ENV{PATH} = $t->dir;
    local $ENV{CI} = '';

    ok(!have_node(), 'no Node: left out');

    $ENV{CI} = 'true';
    ok(!eval { have_node(); 1 }, 'no Node, but CI=true: failed');

    symlink $^X, $t->dir . '/node' or die "node: $!";
    ok(have_node(), 'Node is found');
}

done_testing;
