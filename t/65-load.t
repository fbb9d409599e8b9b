#!/usr/bin/perl

# Proves that no count is lost or doubled under load: eight workers, clients
# that leave, backends that die, a hundred reloads; then workers that are
# killed, where nothing is lost but what was under way in them.  It fails when
# a reload leaves the zones of old workers and new ones apart, when a request
# ends unseen while its worker shuts down, or when a lock outlives the worker
# that held it.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Metrics;
use POSIX ();

my $t = ProfileTest->new(log => 'notice', workers => 8);

use constant ENOUGH => 20;

my $reloads = $t->checker eq '' ? 100 : 10;
my $kills = $t->checker eq '' ? 20 : 5;

my $user = '{"user_id":"auth0|1","hobby":"x"}';

$t->backend({
    '/u'     => { body => $user },
    '/cut'   => { body => $user, cut => 20 },
    '/reset' => { body => $user, cut => 20, reset => 1 },
    '/large' => { body => '[' . join(',', ($user) x 20000) . ']' },
    '/wait'  => sub { $_[0]->wait_close; $_[0]->close; undef },
    '*'      => { status => 404, body => '{}' },
});

$t->port(3);

$t->conf(<<"END");
    include profile/auth0.conf;
    profile_zone load 256k "key=\$http_x_client";
    profile_metrics load;

    log_format load '\$http_x_client \$profile_action \$profile_reason';

    server {
        listen 127.0.0.1:%%PORT%%;
        access_log %%DIR%%/access.log load;
        root %%DIR%%/html;
        profile_rewrite auth0;

        location / {
            default_type application/json;
            return 200 '$user';
        }

        location /api/ {
            proxy_pass http://%%BACKEND%%/;
        }

        location /dead/ {
            proxy_pass http://127.0.0.1:%%PORT_3%%;
            error_page 502 /50x.html;
        }

        location /guard/ {
            proxy_pass http://%%BACKEND%%/;
            profile_guard auth0 mode=v2;
        }
    }

    server {
        listen 127.0.0.1:%%PORT_1%%;

        location = /metrics {
            profile_status prometheus;
        }
    }
END

$t->write_file('html/50x.html', 'an error');
$t->start;

sub metrics { return ProfileTest::Metrics->of($t, ':port' => $t->port(1)) }

# What a client does, one thing after another.

my @things = (
    ('GET /u') x 6, 'GET /api/u', 'GET /api/u', 'HEAD /u', 'GET /api/cut',
    'GET /api/reset', 'GET /api/none', 'GET /dead/u', 'POST /guard/u',
    'leave /api/wait', 'leave /api/large', 'stop /u',
);

sub thing {
    my ($id, $thing) = @_;

    my ($method, $uri) = split / /, $thing;
    my $client = eval { $t->connect } or return 0;
    my $verb = $method =~ /\A[A-Z]/ ? $method : 'GET';
    my $head = "$verb $uri HTTP/1.1\r\nHost: localhost\r\nX-Client: $id\r\n";

    if ($method eq 'stop') {
        $client->send(substr $head, 0, -10);
        $client->abort;
        return 0;
    }

    if ($method eq 'POST') {
        $head .= "Content-Type: application/json\r\nContent-Length: 16\r\n\r\n"
                 . '{"last_login":1}';
        $client->send($head);

    } else {
        $client->send("$head\r\n");
    }

    # Of what is large some has arrived, and nginx knows whom it writes to.

    if ($method eq 'leave') {
        $client->fill($uri =~ /large/ ? $t->patience : 0.02);
        $client->abort;
        return 0;
    }

    my $r = $client->response(method => $verb);

    $client->close;

    return $r && $r->complete ? 1 : 0;
}

# Clients that go on until the file is there, and until they have done enough
# on a machine that is slow; each tells how many of its requests were answered
# whole.

sub clients {
    my ($number, $while, @things) = @_;

    my $stop = $t->dir . "/stop-$while";
    my @pids;

    for my $id (1 .. $number) {
        my $pid = fork // die "fork: $!";

        if ($pid == 0) {
            my ($whole, $i) = (0, $id);

            eval {
                until (-e $stop && $i >= $id + ENOUGH) {
                    $whole += thing("$while-$id", $things[$i++ % @things]);
                }
            };

            $t->write_file("$while-$id", $@ ? "died: $@" : $whole);
            POSIX::_exit(0);
        }

        push @pids, $pid;
    }

    return sub {
        $t->write_file("stop-$while", '');
        waitpid $_, 0 for @pids;

        return map { $t->read_file("$while-$_") } 1 .. $number;
    };
}

# Waits until the books are closed: what is under way has been logged.

sub settle {
    my ($tolerance) = @_;

    my $until = time() + $t->patience;
    my ($sum, $lines, @was);

    while (time() < $until) {
        $sum = metrics()->sum('requests_total');
        $lines = () = $t->read_file('access.log') =~ /\n/g;

        last if abs($sum - $lines) <= $tolerance && "@was" eq "$sum $lines";

        @was = ($sum, $lines);
        select undef, undef, undef, 0.1;
    }

    return ($sum, $lines);
}

# Reloads.

my $stop = clients(4, 'reload', @things);
my $done = 0;

for (1 .. $reloads) {
    $done++ if $t->reload;
}

my @whole = $stop->();

is($done, $reloads, 'reload: all of them');
is(scalar(grep { /\A\d+\z/ } @whole), 4, 'reload: the clients ran on')
    or diag(@whole);

my ($sum, $lines) = settle(0);

cmp_ok($lines, '>', $reloads, 'reload: requests');
is($sum, $lines, 'reload: each was counted once');

my $m = metrics();

for my $id (1 .. 4) {
    is($m->sum('requests_total', key => "reload-$id"),
       scalar(() = $t->read_file('access.log') =~ /^reload-$id /mg),
       "reload: the key of client $id");
}

my %logged;

$logged{s/ -\z//r}++ for $t->read_file('access.log') =~ /^\S+ (\S+ \S+)$/mg;

my @unseen = grep { !$logged{$_} }
             ('rewritten', 'failed upstream', 'failed client',
              'passed status', 'passed head', 'blocked attributes');

is_deeply(\@unseen, [], 'reload: all kinds of ends');

my %counted;

for my $sample ($m->samples('requests_total')) {
    my $what = join ' ', @{ $sample->{labels} }{qw(action reason)};

    $counted{$what =~ s/ \z//r} += $sample->{value} if $sample->{value};
}

# Who never got anywhere has no variables.

$counted{'failed client'} -= delete $logged{'-'} // 0;

is_deeply(\%counted, \%logged, 'reload: log and metrics agree');
# Kills.

my ($sum_before, $lines_before) = ($sum, $lines);

$stop = clients(4, 'kill', 'GET /u');
$done = 0;

for (1 .. $kills) {
    $done++ if $t->kill_worker;
}

@whole = $stop->();

is($done, $kills, 'kill: all of them');

my $whole = 0;

$whole += $_ for @whole;

($sum, $lines) = settle($kills);

$sum -= $sum_before;
$lines -= $lines_before;

cmp_ok($whole, '>', $kills, 'kill: requests');

# A worker does one thing at a time: the line of one request may be written
# and its count lost.  Of the clients' requests one each was under way.

cmp_ok($sum, '<=', $lines, 'kill: nothing is counted twice');
cmp_ok($sum, '>=', $lines - $kills, 'kill: one lost for each worker at most');
cmp_ok($sum, '>=', $whole - 4 * $kills, 'kill: only what was under way');

done_testing;
