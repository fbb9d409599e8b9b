package ProfileTest::Legacy;

# Starts a legacy backend for a test of it, on a free port, and talks to it;
# whatever runs when the test ends is stopped.  One server at a time: start()
# makes it the one that requests go to.  Which of them, "use" says by its name
# below demo/: that of v1 if not given.

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter ();
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use HTTP::Tiny;
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use Test::More ();

our @ISA = qw(Exporter);
our @EXPORT = qw(start stop run output complaints directory slurp
                 request get json send_json raw escape is_error);

use constant DEADLINE => 30;

my $demo = abs_path(dirname(__FILE__) . '/../../..') . '/demo';
my $script;
my $directory = tempdir(CLEANUP => 1);
my $complaints = '';
my ($pid, $port);

sub import {
    my ($class, $name) = @_;

    $name //= 'legacy';
    $script = "$demo/$name/$name.pl";

    $class->export_to_level(1, $class);
}

END {
    my $status = $?;
    stop() if $pid;
    $? = $status;
}

# A directory that is gone after the test.

sub directory { return $directory }

# Returns the port.

sub start {
    my (@options) = @_;

    pipe my $reader, my $writer or die "pipe: $!";
    $pid = fork // die "fork: $!";

    if (!$pid) {
        open STDOUT, '>&', $writer or die "stdout: $!";
        open STDERR, '>', "$directory/errors" or die "stderr: $!";
        exec $^X, $script, @options or die "exec: $!";
    }

    close $writer;

    IO::Select->new($reader)->can_read(DEADLINE)
        or die "the server does not start\n";
    my $line = <$reader> // '';
    ($port) = $line =~ /\Alistening on 127\.0\.0\.1:(\d+)\n\z/
        or die "the server says \"$line\": " . slurp("$directory/errors");

    return $port;
}

# Returns how the process ended: 0 if by itself and well.

sub stop {
    my ($signal) = @_;

    kill $signal // 'TERM', $pid;
    my $status = _wait($pid);
    undef $pid;
    $complaints .= slurp("$directory/errors");

    return $status;
}

# What the servers stopped so far had written to their standard error.

sub complaints { return $complaints }

# A run that ends by itself: how it ended; output() has what it wrote.

sub run {
    my (@options) = @_;

    my $child = fork // die "fork: $!";

    if (!$child) {
        open STDOUT, '>', "$directory/output" or die "stdout: $!";
        open STDERR, '>&', \*STDOUT or die "stderr: $!";
        exec $^X, $script, @options or die "exec: $!";
    }

    return _wait($child);
}

sub output { return slurp("$directory/output") }

sub slurp {
    my ($file) = @_;

    open my $handle, '<:raw', $file or die "$file: $!";
    local $/;

    return scalar(<$handle>) // '';
}

sub request {
    my ($method, $target, $body, %headers) = @_;

    # HTTP::Tiny insists on a Host of its own

    return _raw_request($method, $target, %headers) if $headers{Host};

    my %options = (headers => \%headers);
    $options{content} = $body if defined $body;

    my $answer = HTTP::Tiny->new(timeout => DEADLINE, max_redirect => 0)
        ->request($method, "http://127.0.0.1:$port$target", \%options);

    $answer->{content} //= '';

    return $answer;
}

sub get {
    my ($target, @headers) = @_;

    return request('GET', $target, undef, @headers);
}

sub json {
    my ($target) = @_;

    return decode_json(get($target)->{content});
}

sub send_json {
    my ($method, $target, $body, @headers) = @_;

    return request($method, $target, $body,
                   'Content-Type' => 'application/json', @headers);
}

# Sends bytes, returns all that comes until the server closes.

sub raw {
    my ($bytes) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $port, Timeout => DEADLINE) or die "connect: $!";
    print $socket $bytes;
    $socket->flush;

    my $answer = '';
    my $select = IO::Select->new($socket);
    1 while $select->can_read(DEADLINE)
        && sysread $socket, $answer, 65536, length $answer;

    return $answer;
}

sub escape {
    my ($text) = @_;

    $text =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge;

    return $text;
}

sub is_error {
    my ($answer, $status, $body, $name) = @_;

    Test::More::is("$answer->{status} $answer->{content}", "$status $body",
                   $name);
}

sub _raw_request {
    my ($method, $target, %headers) = @_;

    my $answer = raw("$method $target HTTP/1.1\r\nConnection: close\r\n"
                     . join('', map { "$_: $headers{$_}\r\n" } keys %headers)
                     . "\r\n");
    my ($top, $content) = split /\r\n\r\n/, $answer, 2;
    my ($status) = $top =~ /\AHTTP\S+ (\d+)/;
    my %fields = map { lc($_->[0]) => $_->[1] }
        map { [split /: /, $_, 2] } grep { /: / } split /\r\n/, $top;

    return { status => $status, headers => \%fields, content => $content };
}

# One that should have ended but goes on would be waited for without end.

sub _wait {
    my ($child) = @_;

    local $SIG{ALRM} = sub { kill 'KILL', $child };
    alarm DEADLINE;
    waitpid $child, 0;
    alarm 0;

    return $? & 127 ? 'killed by signal ' . ($? & 127) : $? >> 8;
}

1;
