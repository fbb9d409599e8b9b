#!/usr/bin/perl

# Proves that requests survive what happens to nginx around them: a reload
# leaves each request with the schema that it began with, a graceful end lets
# it finish, a fast one and a worker that dies leave no response that looks
# whole.  It fails when a request uses what a newer configuration has replaced,
# or when a request or a reload leaves memory behind.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Client qw(same);

use IO::Socket::INET;
use POSIX ();

my $t = ProfileTest->new(log => 'info');


# A user as v1, and as v2 by the first and by the second schema

sub user {
    my ($n) = @_;

    my $id = qq("user_id":"auth0|$n");
    my $plan = '"plan":"' . "$n " x 100 . '"';

    return (qq({$id,$plan}),
            qq({$id,"app_metadata":{$plan},"user_metadata":{}}),
            qq({$id,"app_metadata":{},"user_metadata":{$plan}}));
}


sub users {
    my ($count) = @_;

    my @users = map { [ user($_) ] } 1 .. $count;

    return map { my $v = $_; '[' . join(',', map { $_->[$v] } @users) . ']' }
           0 .. 2;
}


my @one = user(1);
my @list = users(50);
my @big = users(2000);

my %table = (
    '/one'  => $one[0],
    '/list' => { body => $list[0], framing => 'chunked', chunk => 1000 },
    '/big'  => $big[0],
    '/gzip' => { body => $list[0], gzip => 1 },
    '/bad'  => '{"user_id":1,}',
    '/bad/late' => $big[0] . ']',
    '/cut'  => { body => $one[0], cut => 20 },
);

# Responses that wait in their middle

for my $gate (qw(reload twice refused quit term kill)) {
    my $half = length($big[0]) / 2;

    $table{"/gate/$gate"} = { body => [ substr($big[0], 0, $half), \$gate,
                                        substr($big[0], $half) ],
                              framing => 'chunked' };
    $table{"/held/$gate"} = { body => [ substr($one[0], 0, 20), \$gate,
                                        substr($one[0], 20) ] };
}

my $backend = $t->backend(\%table);

my $conf = <<'END';
    profile_schema s {
        %s
        identity email;
        user_metadata ~x_.*;
    }

    upstream backend {
        server %%%%BACKEND%%%%;
        keepalive 8;
    }

    server {
        listen 127.0.0.1:%%%%PORT%%%%;
        keepalive_requests 1000000;

        location / {
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
            profile_rewrite s;
        }

        location /file/ {
            alias %%%%DIR%%%%/html/;
            profile_rewrite s;
            profile_types *;
        }
    }
END

my %conf = (1 => sprintf($conf, 'app_metadata plan;'),
            2 => sprintf($conf, 'user_metadata plan;'));

$t->write_file('html/list', $list[0]);
$t->conf($conf{1})->start;

my ($r, $worker);


# A request that is under way: streaming, or with its header held.  Part of a
# streaming one has arrived.

sub begin {
    my ($uri) = @_;

    $backend->forget;

    my $c = $t->connect;
    my $res;

    $c->send("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n");

    if ($uri =~ /gate/) {
        $res = $c->head;
        ok($c->read_until($res, qr/auth0\|9"/), "part of $uri has come");

    } else {
        ok($backend->wait_requests(1), "$uri is under way");
    }

    return sub { return $res ? $c->finish($res) : $c->response };
}


# An old worker may take one more connection until it has been told to end.

sub settled {
    return $t->wait(sub { $t->workers == 1 });
}


# An old worker may answer until it has heard of the end.

sub until_new {
    my ($new, $old, $name) = @_;

    my $res;

    $t->wait(sub {
        $res = $t->get('/one');
        return $res->body ne $old;
    });

    same($res, $new, $name);
}


# Reloads, and waits until nobody else serves.

sub reload {
    my @old = $t->workers;

    return $t->reload && $t->wait_gone(@old);
}


# Two configurations side by side

my $idle = $t->connect;

$idle->send("GET /one HTTP/1.1\r\nHost: a\r\n\r\n");
same($idle->response, $one[1], 'H6 reload: before');

my $streaming = begin('/gate/reload');
my $held = begin('/held/reload');

($worker) = $t->workers;
$t->conf($conf{2});

ok($t->reload, 'H6 reload');
is($idle->read_eof, '', 'H6 reload: an idle connection is closed');
same($t->get('/one'), $one[2], 'H6 reload: the new schema');
same($t->get('/big'), $big[2], 'H6 reload: the new schema, a list');

my $later = begin('/gate/twice');

$t->conf($conf{1});

ok($t->reload, 'H6 reload, again');
until_new($one[1], $one[2], 'H6 reload, again: the schema');

$backend->open_gate('reload');
$backend->open_gate('twice');

same($streaming->(), $big[1], 'H6 reload: a streaming request goes on');
same($held->(), $one[1], 'H6 reload: a held request goes on');
same($later->(), $big[2], 'H6 reload, again: a streaming request goes on');
ok($t->wait_gone($worker), 'H6 reload: the old worker ends');

# One that is refused changes nothing.

ok(settled(), 'H6 reload: one worker is left');

$streaming = begin('/gate/refused');

$t->allow(qr/\[emerg\].*unknown profile_schema "none"/);
$t->conf($conf{2} =~ s/rewrite s;/rewrite none;/r);

ok(!$t->reload, 'H6 reload: refused');
same($t->get('/one'), $one[1], 'H6 reload: refused, the old schema');

$backend->open_gate('refused');
same($streaming->(), $big[1], 'H6 reload: refused, a request goes on');


# Under load: clients ask without a pause, on connections that they keep.  A
# worker that is to end may close a connection between two requests.

my $stop = $t->dir . '/stop';
my %clients;

for my $n (1 .. 4) {
    my $pid = fork // die "fork: $!";

    if ($pid == 0) {
        my ($requests, $bad) = (0, '');

        while (!-e $stop) {
            my $c = $t->connect;

            for my $i (1 .. 50) {
                my $uri = (qw(/one /list /big))[ ($n + $i) % 3 ];
                my ($expected) = { '/one' => \@one, '/list' => \@list,
                                   '/big' => \@big }->{$uri};

                $c->send("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n");
                my $res = $c->response;

                last if $i > 1 && $res->raw_head eq '' && $res->length == 0;

                $requests++;
                $bad .= "$uri: " . ($res->error || $res->status) . ' '
                    unless $res->complete
                           && grep { $_ eq $res->body } @$expected[1, 2];

                last if ($res->header('Connection') // '') eq 'close';
            }

            $c->close;
        }

        $t->write_file("client-$n", "$requests $bad");
        POSIX::_exit(0);
    }

    $clients{$pid} = $n;
}

for my $n (1 .. 6) {
    $t->conf($conf{ $n % 2 + 1 });
    ok($t->reload, "H6 reload under load, $n");
}

$t->write_file('stop', '');
waitpid $_, 0 for keys %clients;

for my $n (1 .. 4) {
    my ($requests, $bad) = split ' ', $t->read_file("client-$n"), 2;

    cmp_ok($requests, '>', 0, "H6 reload under load, client $n: requests");
    is($bad // '', '', "H6 reload under load, client $n: all are whole");
}


# Memory: of workers after requests, of the master after reloads

SKIP: {
    skip 'memory means nothing under a checker', 5 if $t->checker;

    my $ask = sub {
        my ($rounds) = @_;

        for my $round (1 .. $rounds) {
            my $c = $t->connect;

            for my $uri (qw(/one /list /gzip /bad /file/list /one)) {
                $c->send("GET $uri HTTP/1.1\r\nHost: a\r\n\r\n");
                $c->response;
            }

            next if $round % 10;

            $t->get($_) for qw(/big /bad/late /cut);
        }
    };

    ok(reload(), 'H6 reload, for the memory');
    $ask->(20);

    my $before = $t->rss;

    $ask->(200);
    cmp_ok($t->rss - $before, '<', 512 * 1024,
           'H6 memory of a worker after many requests');

    is(scalar(grep { reload() } 1 .. 5), 5, 'H6 reloads');
    $before = $t->rss($t->pid);

    is(scalar(grep { reload() } 1 .. 40), 40, 'H6 many reloads');
    cmp_ok($t->rss($t->pid) - $before, '<', 256 * 1024,
           'H6 memory of the master after many reloads');
}


# A worker dies.

ok(settled(), 'H6 one worker');

$streaming = begin('/gate/kill');
$held = begin('/held/kill');

ok($t->kill_worker, 'H6 worker killed');
ok(!$streaming->()->complete, 'H6 worker killed: a streaming one is cut');
is($held->()->status, 0, 'H6 worker killed: a held one has no answer');
same($t->get('/big'), $big[1], 'H6 worker killed: the next one serves');


# The end

sub refused {
    return $t->wait(sub {
        !IO::Socket::INET->new(
            PeerAddr => '127.0.0.1', PeerPort => $t->port, Proto => 'tcp');
    });
}

$streaming = begin('/gate/quit');
$held = begin('/held/quit');

kill 'QUIT', $t->pid;

ok(refused(), 'H6 quit: no more connections');

$backend->open_gate('quit');

same($streaming->(), $big[1], 'H6 quit: a streaming request goes on');
same($held->(), $one[1], 'H6 quit: a held request goes on');

$t->stop;
$t->start;

$streaming = begin('/gate/term');
$held = begin('/held/term');

$t->stop('TERM');

ok(!$streaming->()->complete, 'H6 fast end: a streaming response is cut');
is($held->()->status, 0, 'H6 fast end: a held one has no answer');

done_testing;
