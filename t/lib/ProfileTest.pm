package ProfileTest;

# Runs nginx for a test.  The documentation is at the end.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp ();
use IO::Socket::INET;
use POSIX ();
use Scalar::Util qw(weaken);
use Test::More ();
use Time::HiRes qw(time sleep);

use ProfileTest::Backend;
use ProfileTest::Client;
use ProfileTest::HTTP2;
use ProfileTest::Process qw(spawn guard parent status slurp);

my $TOP = abs_path(dirname(__FILE__) . '/../..');
my $NGINX = $ENV{PROFILE_NGINX} || '/usr/sbin/nginx';
my $PATIENCE = $ENV{PROFILE_PATIENCE} || 1;

my $TROUBLE = qr/\[(?:alert|emerg|crit)\]
                 |exited\ with\ (?:fatal\ )?code\ [1-9]
                 |\w+Sanitizer|runtime\ error:/x;

my %live;
my $about;


sub import {
    my ($class) = @_;

    my $caller = caller;

    strict->import;
    warnings->import;

    no strict 'refs';

    for my $name (grep { /\A\w/ } @Test::More::EXPORT) {
        *{"${caller}::$name"} = \&{"Test::More::$name"};
    }

    no warnings 'redefine';
    *{"${caller}::done_testing"} = \&done_testing;
}


# Test::More's, with the assertions on what nginx left behind before it.

sub done_testing {
    $_->finish for grep { $_ } values %live;

    Test::More::done_testing(@_);
}


sub new {
    my ($class, %opt) = @_;

    my $dir = File::Temp::tempdir('profile-XXXXXXXX', TMPDIR => 1,
                                  CLEANUP => !$ENV{PROFILE_KEEP});

    my $self = bless {
        dir      => $dir,
        owner    => $$,
        allow    => [ @{ $opt{allow} || [] } ],
        log      => $opt{log} || $ENV{PROFILE_LOG} || 'debug',
        workers  => $opt{workers} || 1,
        module   => $opt{module} // $ENV{PROFILE_MODULE} // '',
        patience => 20 * $PATIENCE,
        backends => [],
        daemons  => [],
        clients  => [],
        ports    => [],
        tests    => 0,
    }, $class;

    mkdir "$dir/reports" or die "$dir/reports: $!";
    mkdir "$dir/html" or die "$dir/html: $!";

    # A configuration includes what the project ships as an operator's does.

    symlink "$TOP/conf/profile", "$dir/profile";

    $live{$self} = $self;
    weaken $live{$self};

    return $self;
}


sub dir      { return $_[0]{dir} }
sub patience { return $_[0]{patience} }
sub top      { return $TOP }


# 'asan', 'valgrind' or ''.

sub checker { return $ENV{PROFILE_CHECKER} // '' }


# A port of 127.0.0.1 for nginx.  The socket that stays bound to it here keeps
# everyone else off; it does not listen, so with SO_REUSEADDR nginx may.

sub port {
    my ($self, $n) = @_;

    $n //= 0;

    $self->{ports}[$n] //= IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp',
        ReuseAddr => 1)
        // die "no free port: $!";

    return $self->{ports}[$n]->sockport;
}


sub backend {
    my ($self, $script, %opt) = @_;

    my $backend = ProfileTest::Backend->new(
        %opt, script => $script, dir => $self->{dir},
        patience => $self->{patience}, name => scalar @{ $self->{backends} });

    push @{ $self->{backends} }, $backend;

    return $backend;
}


# Starts a program, and waits until it prints what matches; returns its process
# and what was captured.

sub daemon {
    my ($self, $command, $ready) = @_;

    my $out = sprintf '%s/daemon-%d.out', $self->{dir},
                      scalar @{ $self->{daemons} };

    my $pid = spawn($out, @$command);

    push @{ $self->{daemons} }, $pid;
    guard('+', $pid);

    $self->wait(sub { slurp($out) =~ $ready || !parent($pid) })
        && slurp($out) =~ $ready
        or die "@$command did not start:\n" . slurp($out);

    return ($pid, slurp($out) =~ $ready);
}


# The legacy backend, a v1 API with users of its own: returns its port.

sub legacy {
    my ($self, @options) = @_;

    return $self->demo('legacy', @options);
}


# A backend of the demo, by its name: returns its port.  What nginx has to
# include for it is found as NAME/gateway.conf and so on.

sub demo {
    my ($self, $name, @options) = @_;

    symlink "$TOP/demo/$name", "$self->{dir}/$name";

    my (undef, $port) = $self->daemon(
        [ $^X, "$TOP/demo/$name/$name.pl", @options ],
        qr/^listening on 127\.0\.0\.1:(\d+)$/m);

    return $port;
}


# What the programs printed.

sub daemon_output { return join '', map { slurp($_) }
                                    glob "$_[0]{dir}/daemon-*.out" }


# Compiles a module for tests, t/nginx/NAME.c, for the nginx that is tested:
# returns the shared object.

sub compile {
    my ($self, $name) = @_;

    my $tree = $ENV{PROFILE_TREE}
               // die "PROFILE_TREE is not set: use \"make test\"\n";
    my $object = "$self->{dir}/$name.so";
    my @include = map { ('-I', "$tree/$_") }
                  qw(src/core src/event src/event/modules src/os/unix src/http
                     src/http/modules src/http/v2 objs);

    system('cc', qw(-shared -fPIC -O1 -g -W -Wall -Werror),
           '-Wno-unused-parameter', @include, '-o', $object,
           "$TOP/t/nginx/$name.c") == 0 or die "$name cannot be compiled\n";

    return $object;
}


sub write_file {
    my ($self, $name, $data) = @_;

    my $path = $name =~ m{\A/} ? $name : "$self->{dir}/$name";

    open my $fh, '>', $path or die "$path: $!";
    binmode $fh;
    print {$fh} $data;
    close $fh or die "$path: $!";

    return $path;
}


sub read_file {
    my ($self, $name) = @_;

    return slurp($name =~ m{\A/} ? $name : "$self->{dir}/$name");
}


# The configuration: what stands in http {}, and more for elsewhere.

sub conf {
    my ($self, $http, %opt) = @_;

    $self->{conf} = $self->_conf($http, %opt);
    $self->write_file('nginx.conf', $self->{conf});

    return $self;
}


sub _conf {
    my ($self, $http, %opt) = @_;

    my $dir = $self->{dir};
    my $user = $> == 0 ? 'user root;' : '';
    my $load = $self->{module} ne '' ? "load_module $self->{module};" : '';
    my $log = $self->{log};

    $log = 'info' if $log eq 'debug' && version_text() !~ /--with-debug/;

    # A binary upgrade starts with a clean environment.

    my $env = join "\n", map { "env $_;" } grep { /SAN_OPTIONS\z/ } keys %ENV;

    $opt{main} //= '';
    $opt{events} //= '';

    my $conf = $opt{whole} ? $http : <<"END";
$user
$load
$env
daemon off;
worker_processes $self->{workers};
error_log $dir/error.log $log;
pid $dir/nginx.pid;
lock_file $dir/nginx.lock;
$opt{main}

events {
    worker_connections 512;
    $opt{events}
}

http {
    access_log off;
    default_type text/plain;
    client_body_temp_path $dir/client_body_temp;
    proxy_temp_path $dir/proxy_temp;
    fastcgi_temp_path $dir/fastcgi_temp;
    uwsgi_temp_path $dir/uwsgi_temp;
    scgi_temp_path $dir/scgi_temp;

$http
}
END

    return $self->expand($conf);
}


# Fills in the placeholders of a text.

sub expand {
    my ($self, $text) = @_;

    my $listen = sub {
        my $addr = '127.0.0.1:' . $self->port($_[0]);

        return version_number() < 1025001 ? "listen $addr http2;"
                                          : "listen $addr; http2 on;";
    };

    $text =~ s/%%PORT(?:_(\d+))?%%/$self->port($1)/ge;
    $text =~ s/%%LISTEN_HTTP2(?:_(\d+))?%%/$listen->($1)/ge;
    $text =~ s/%%BACKEND(?:_(\d+))?%%/$self->{backends}[$1 \/\/ 0]->addr/ge;
    $text =~ s/%%DIR%%/$self->{dir}/g;
    $text =~ s/%%CONF%%/$TOP\/conf/g;

    die "unknown placeholder $1" if $text =~ /(%%\w+%%)/;

    return $text;
}


sub start {
    my ($self) = @_;

    die 'nginx runs already' if $self->{pid};

    my $before = $self->_started_workers;

    $self->{pid} = $self->_nginx("$self->{dir}/stderr.log");
    guard('+', $self->{pid});

    my $up = $self->wait(sub {
        return 1 if !$self->_running;
        return $self->_started_workers >= $before + $self->{workers};
    });

    return $self if $up && $self->_running;

    my $pid = delete $self->{pid};

    if ($pid) {
        kill 'KILL', $pid;
        waitpid $pid, 0;
        guard('-', $pid);
    }

    # Whoever starts in vain hears of it here.

    $self->{finished} = 1;
    $self->_stop_all;

    die "nginx did not start:\n" . slurp("$self->{dir}/stderr.log")
        . slurp("$self->{dir}/error.log") =~ s/^.*\[debug\].*\n//mgr;
}


# Stops nginx: at once, or when it has worked off its requests.

sub stop {
    my ($self, $signal) = @_;

    my $pid = $self->{pid} or return;
    my @workers = $self->workers;

    kill $signal // 'QUIT', $pid;

    if (!$self->wait(sub { !$self->_running })) {
        push @{ $self->{trouble} }, 'nginx did not stop';

        kill 'KILL', $pid, @workers;
        $self->wait(sub { !$self->_running });
    }

    delete $self->{pid};
}


# Reads the configuration anew: true once new workers run, false if nginx
# refused it.

sub reload {
    my ($self) = @_;

    my $workers = $self->_started_workers;
    my $refused = () = $self->log =~ /\[emerg\]/g;
    my $done;

    kill 'HUP', $self->{pid};

    $self->wait(sub {
        $done = $self->_started_workers >= $workers + $self->{workers};
        return $done || (() = $self->log =~ /\[emerg\]/g) > $refused;
    });

    return $done ? 1 : 0;
}


# The processes that serve: of the newest configuration first.

sub workers {
    my ($self) = @_;

    return grep { parent($_) == ($self->{pid} // 0) }
           reverse $self->_started_workers;
}


sub pid { return $_[0]{pid} }


# Waits until a condition holds, which is tried over and over: false if that is
# not seen in time.

sub wait {
    my ($self, $condition) = @_;

    my $until = time() + $self->{patience};

    while (1) {
        return 1 if $condition->();
        return 0 if time() > $until;
        sleep 0.01;
    }
}


# Waits until none of these processes is left.

sub wait_gone {
    my ($self, @pids) = @_;

    return $self->wait(sub { !grep { parent($_) } @pids });
}


# Kills the worker, and waits for its successor.  What nginx says of it at
# level alert is no trouble then.

sub kill_worker {
    my ($self, $signal) = @_;

    my ($pid) = $self->workers;
    my $before = $self->_started_workers;

    $self->allow(qr/worker process $pid exited on signal \d+/);

    kill $signal // 'KILL', $pid;

    return $self->wait(sub { $self->_started_workers > $before });
}


# The resident memory of a process, in bytes, now and at most.

sub rss      { return status($_[1] // ($_[0]->workers)[0], 'VmRSS') }
sub peak_rss { return status($_[1] // ($_[0]->workers)[0], 'VmHWM') }


sub log { return slurp("$_[0]{dir}/error.log") }


# Waits until the error log matches.

sub wait_log {
    my ($self, $re) = @_;

    return $self->wait(sub { $self->log =~ $re });
}


# Lines that match are no trouble.

sub allow {
    my ($self, @res) = @_;

    push @{ $self->{allow} }, @res;
}


# nginx -t on a configuration: its exit code and what it printed.

sub test_conf {
    my ($self, $http, %opt) = @_;

    local $self->{conf} = $self->_conf($http, %opt);
    my $path = $self->write_file('test.conf', $self->{conf});

    return $self->test_conf_file($path, $opt{globals});
}


# The same for a file; globals are main-level directives to add.

sub test_conf_file {
    my ($self, $path, $globals) = @_;

    my $out = sprintf '%s/test-%d.out', $self->{dir}, $self->{tests}++;
    my @globals = defined $globals ? ('-g', $globals) : ();

    # nginx -t ends without giving back what it read.

    my @command = map { s/\A--leak-check=\K.*/no/r } $self->_command;
    local $ENV{ASAN_OPTIONS} = "$ENV{ASAN_OPTIONS}:detect_leaks=0"
        if $ENV{ASAN_OPTIONS};

    my $pid = spawn($out, @command, '-t', '-p', $self->{dir}, '-e', 'stderr',
                     '-c', $path, @globals);

    waitpid $pid, 0;

    return ($? & 127 ? 128 + ($? & 127) : $? >> 8, slurp($out));
}


# Clients

sub connect {
    my ($self, %opt) = @_;

    my $client = ProfileTest::Client->new(
        patience => $self->{patience}, %opt, port => $opt{port} // $self->port);

    $self->_keep($client);
    return $client;
}


sub _keep {
    my ($self, $client) = @_;

    @{ $self->{clients} } = grep { $_ } @{ $self->{clients} };

    push @{ $self->{clients} }, $client;
    weaken $_ for @{ $self->{clients} };
}


# Sends these bytes, returns the first response.

sub http {
    my ($self, $request, %opt) = @_;

    my $client = $self->connect(%opt);
    my ($method) = $request =~ /\A(\S+)/;

    $client->send($request);

    my $res = $client->response(method => $opt{method} // $method,
                                sink => $opt{sink});
    $client->close;

    return $res;
}


sub get  { my $self = shift; return $self->request('GET', @_) }
sub head { my $self = shift; return $self->request('HEAD', @_) }


sub request {
    my ($self, $method, $uri, %headers) = @_;

    my %opt;

    for (grep { /\A:/ } keys %headers) {
        $opt{ substr $_, 1 } = delete $headers{$_};
    }

    my $bytes = ProfileTest::Client::request_text($method, $uri, \%opt,
                                                  %headers);

    return $self->http($bytes, %opt);
}


# A connection of an HTTP/2 client to port N, 1 if not given.

sub http2 {
    my ($self, %opt) = @_;

    my $client = ProfileTest::HTTP2->new(
        patience => $self->{patience}, %opt,
        port => $opt{port} // $self->port(1));

    $self->_keep($client);
    return $client;
}


# One request over HTTP/2.

sub http2_request {
    my ($self, $method, $uri, %headers) = @_;

    my $port = delete $headers{':port'};
    my $client = $self->http2(defined $port ? (port => $port) : ());
    my $res = $client->response($client->request($method, $uri, %headers));

    $client->close;

    return $res;
}


# What nginx is

sub version_text {
    return $about //= qx{$NGINX -V 2>&1};
}


sub version {
    return version_text() =~ m{nginx/([\d.]+)} ? $1 : die "no nginx: $NGINX";
}


# As nginx counts: 1.22.1 is 1022001.

sub version_number {
    my @v = split /\./, version();

    return $v[0] * 1000000 + $v[1] * 1000 + $v[2];
}


# The end: nginx is stopped, and nothing of what it left may be trouble.

sub finish {
    my ($self) = @_;

    return if $self->{finished} || $self->{owner} != $$;

    $self->_stop_all;

    my @log = $self->_log_trouble;
    my @reports = $self->_reports;

    $self->{finished} = 1;

    Test::More::is(join("\n", @log), '', 'no alert in the error log');
    Test::More::is(join("\n", @reports), '', 'no report of a checker');

    $self->_explain;
}


sub _stop_all {
    my ($self) = @_;

    # nginx waits for requests under way, which nobody would end any more.

    $_->close for grep { $_ } @{ $self->{clients} };
    $_->stop for @{ $self->{backends} };

    $self->stop;

    for my $pid (splice @{ $self->{daemons} }) {
        kill 'TERM', $pid;

        if (!$self->wait(sub { waitpid($pid, POSIX::WNOHANG()) != 0 })) {
            kill 'KILL', $pid;
            waitpid $pid, 0;
        }

        guard('-', $pid);
    }
}


# Lines of the error log at level alert and above, reports that ended up
# there, processes that failed.

sub _log_trouble {
    my ($self) = @_;

    my @lines = grep { /$TROUBLE/ } split /\n/,
                $self->log . slurp("$self->{dir}/stderr.log");

    # "nginx -t" is asked about configurations that are wrong.

    push @lines, grep { /$TROUBLE/ && !/\[emerg\]/ } split /\n/,
                 join '', map { slurp($_) }
                              glob "$self->{dir}/{test,daemon}-*.out";

    for my $re (@{ $self->{allow} }) {
        @lines = grep { $_ !~ $re } @lines;
    }

    return (@lines, @{ $self->{trouble} || [] });
}


sub _reports {
    my ($self) = @_;

    return map { "$_:\n" . slurp($_) } grep { -s }
           glob "$self->{dir}/reports/*";
}


# To see why, once something has failed.

sub _explain {
    my ($self) = @_;

    return if Test::More->builder->is_passing;

    my @lines = grep { m{\A\d{4}/} && !/\[(?:debug|notice)\]/ }
                split /\n/, $self->log;

    splice @lines, 0, -40 if @lines > 40;

    Test::More::diag(join "\n", 'error log:', @lines) if @lines;

    for my $backend (@{ $self->{backends} }) {
        my $errors = $backend->errors;

        Test::More::diag("backend $backend->{name}: $errors") if $errors ne '';
    }

    Test::More::diag("kept: $self->{dir}") if $ENV{PROFILE_KEEP};
}


sub DESTROY {
    my ($self) = @_;

    return if $self->{owner} != $$;

    local ($@, $!, $?);

    delete $live{$self};
    $self->finish if !$self->{finished};
}


# A test that dies leaves no process behind, and one that forgets
# done_testing() no trouble unseen.

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

END {
    my $rc = $?;

    for my $self (grep { $_ && $_->{owner} == $$ } values %live) {
        next if $self->{finished};

        $self->_stop_all;

        if (my @trouble = ($self->_log_trouble, $self->_reports)) {
            Test::More::diag(join "\n", 'trouble:', @trouble);
            $rc ||= 1;
        }

        $self->{finished} = 1;
    }

    $? = $rc;
}


# Processes

sub _command {
    my ($self) = @_;

    my $wrapper = $ENV{PROFILE_WRAPPER} // '';

    $wrapper =~ s/%%REPORTS%%/$self->{dir}\/reports/g;

    for (grep { /\A\w*SAN_OPTIONS\z/ } keys %ENV) {
        $ENV{$_} =~ s/:log_path=[^:]*//;
        $ENV{$_} .= ":log_path=$self->{dir}/reports/sanitizer";
    }

    return ((split ' ', $wrapper), $NGINX);
}


sub _nginx {
    my ($self, $out) = @_;

    return spawn($out, $self->_command, '-p', $self->{dir}, '-e', 'stderr',
                  '-c', "$self->{dir}/nginx.conf");
}


sub _running {
    my ($self) = @_;

    return 0 unless $self->{pid};
    return 1 if waitpid($self->{pid}, POSIX::WNOHANG()) == 0;

    if ($? != 0) {
        my $how = $? & 127 ? 'on signal ' . ($? & 127) : 'with ' . ($? >> 8);

        push @{ $self->{trouble} }, "nginx exited $how";
    }

    guard('-', delete $self->{pid});

    return 0;
}


sub _started_workers {
    my ($self) = @_;

    my @pids = $self->log =~ /start worker process (\d+)/g;

    return @pids;
}


1;


__END__

=head1 NAME

ProfileTest - nginx, clients and backends for a test

=head1 SYNOPSIS

    use lib 't/lib';
    use ProfileTest;                    # strict, warnings, Test::More

    my $t = ProfileTest->new;

    my $backend = $t->backend({
        '/api/users/1' => { body => '{"user_id":"a|1"}' },
    });

    $t->conf(<<'END');
        include profile/auth0.conf;

        server {
            listen 127.0.0.1:%%PORT%%;

            location / {
                proxy_pass http://%%BACKEND%%;
                profile_rewrite auth0;
            }
        }
    END

    $t->start;

    my $r = $t->get('/api/users/1');

    is($r->status, 200, 'H1.1 rewritten');
    ok($r->complete, 'H2.1 whole');

    done_testing;

=head1 WHAT IT ASSERTS BY ITSELF

C<done_testing> stops nginx and adds two assertions for each object: that the
error log holds no line at level alert, emerg or crit and that no process of
nginx failed, and that no sanitizer and no valgrind wrote a report. A test that
ends otherwise exits with a failure if there was such trouble. Whatever way it
ends, nginx, backends and daemons are stopped.

=head1 THE OBJECT

=over

=item new(%options)

C<allow>: an array of patterns, lines of the error log that are no trouble.
C<log>: level of the error log, C<debug> if not said; C<info> for bulky tests.
C<workers>: number of worker processes, 1. C<module>: the shared object to
load, from PROFILE_MODULE if not said, C<''> for none.

=item dir, top, patience, checker

The directory of the test, that of the project, the seconds after which waiting
is given up, and C<asan>, C<valgrind> or nothing.

=item conf($http, main => $text, events => $text, whole => 1)

Writes F<nginx.conf> with that inside C<http {}>; with C<whole> the text is the
whole file. Placeholders: C<%%PORT%%> and C<%%PORT_n%%> free ports of 127.0.0.1
(the first is number 0), C<%%LISTEN_HTTP2%%> and C<%%LISTEN_HTTP2_n%%> listen
directives for HTTP/2 at those ports, C<%%BACKEND%%> and C<%%BACKEND_n%%> the
addresses of backends, C<%%DIR%%> the test's directory, C<%%CONF%%> the
project's F<conf>. F<profile/> is what the project ships there.

=item start, stop($signal), reload, workers, pid, kill_worker($signal)

C<stop> is graceful (QUIT) if not said otherwise. C<reload> returns false when
nginx refuses the configuration. C<kill_worker> waits for the successor.

=item wait($condition), wait_gone(@pids), wait_log($re), log, allow(@patterns)

A condition is a function that is called until it returns true. All of them
return false when that takes too long.

=item rss($pid), peak_rss($pid)

Bytes of resident memory, of the first worker if no process is given.

=item test_conf($http, %options), test_conf_file($path, $globals)

C<nginx -t>: exit code and output.

=item port($n), expand($text), write_file($name, $data), read_file($name)

=item daemon(\@command, $re)

Starts a program, waits until its output matches, returns its process and what
the match captured. C<daemon_output> is what all of them printed.

=item legacy(@options), demo($name, @options)

Starts the legacy backend (F<demo/legacy/README.md>) or another one of F<demo/>,
returns its port. What nginx has to include for it is F<NAME/gateway.conf>.

=item compile($name)

Compiles F<t/nginx/NAME.c>, returns the shared object to load.

=item version, version_number, version_text

C<1.22.1>, C<1022001>, and the output of C<nginx -V>. Plain functions.

=back

=head1 CLIENTS

=over

=item get($uri, %headers), head($uri, %headers), request($method, $uri, ...)

One request on a connection of its own. Names with a colon are options:
C<:version> C<1.0>, C<:port>, C<:body>, C<:chunks> (the body goes in chunks of
these sizes), C<:sink> (a function that gets the body's bytes in place of the
response), C<:rcvbuf> (bytes of the receive buffer).

=item http($bytes, %options)

Sends the bytes, returns the first response.

=item connect(%options)

A connection: C<send(@bytes)>, C<response(method =E<gt> 'HEAD')> the next
response, C<head> its head only, C<read_until($response, $condition)> true once
the body matches (or the function says so) and false if the response ended
before, C<finish($response)>, C<read_eof>, C<rest>, C<eof>, C<reset>, C<close>,
C<abort> (by RST), C<shutdown_write>.

=item http2(%options), http2_request($method, $uri, %headers)

A connection of HTTP/2 to port 1, or one request. C<request($method, $path,
%headers)> returns the number of the stream; options C<:body>, C<:frames> (sizes
of DATA frames), C<:open> (goes on by C<data($id, $bytes)>). C<response($id)>,
C<peek($id)>, C<read_until($id, $condition)>, C<rst($id, $code)>,
C<update($id, $bytes)>, C<goaway>, C<close>. With C<window =E<gt> N> a stream
gets N bytes and waits for C<update>.

=item The response

C<status>, C<reason>, C<version>, C<header($name)> (the first one, in a list
all), C<raw_head>, C<interim> (statuses 1xx), C<framing>, C<chunks> (sizes),
C<body>, C<length>, C<text> (the body inflated), C<done>, C<complete> (the end
was told as the protocol wants it), C<error>, C<reset>, C<timed_out>, C<rst>.

With C<use ProfileTest::Client qw(same)>, C<same($response, $body, $name)>
asserts that it is whole and has this body, and tells where they differ: for
bodies that are too long for C<is>.

=back

=head1 BACKENDS

=over

=item backend(\%answers, record => 0), backend($function)

Without C<record> nothing is known of the requests.

By a table: the URI with or without arguments, or C<*>, and an answer: a text, a
function that gets the connection and the request and returns an answer or
undef when it has sent one itself, or a hash: C<status>, C<reason>, C<version>,
C<type>, C<headers> (an array of names and values), C<body>, C<framing>
(C<length>, C<chunked>, C<close>), C<length> (a wrong one), C<chunk> (a size or
an array of sizes), C<trailer> (in place of the last chunk), C<gzip>, C<piece>
(bytes sent at a time, each piece once nginx has read the one before), C<cut>
(that many bytes of the body, then the connection is closed), C<reset> (by a
RST). A body may be an array of texts and, as references, names of gates at
which it stops until C<open_gate($name)>.

By a function, which gets each connection: C<read_request>, C<send(@bytes)>,
C<send_pieces($bytes, $size)>, C<drained>, C<answer($request, \%answer)>,
C<serve(\%answers)>, C<wait_gate($name)>, C<wait_close>, C<close>, C<abort>.

The object: C<port>, C<addr>, C<requests> (each with C<method>, C<uri>,
C<version>, C<headers>, C<list>, C<head>, C<body>, C<complete>),
C<connections>, C<wait_requests($n)>, C<forget>, C<open_gate($name)>, C<stop>.
A request stands in the record before it is answered.

=back

=head1 ENVIRONMENT

The Makefile sets them: PROFILE_NGINX, PROFILE_MODULE (empty when it is linked
in), PROFILE_TREE (the tree in which the module was built), PROFILE_WRAPPER (a
command before nginx; C<%%REPORTS%%> is the place of its reports),
PROFILE_CHECKER, PROFILE_PATIENCE (a factor). By hand: PROFILE_KEEP=1 keeps the
directory, PROFILE_LOG sets the level of the error log.

=cut
