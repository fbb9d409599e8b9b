package ProfileTest::Process;

# Processes that a test starts, and what /proc says of them.

use strict;
use warnings;

use Exporter qw(import);
use POSIX ();

our @EXPORT_OK = qw(spawn guard parent children status slurp);


# Starts a program with its output in a file.

sub spawn {
    my ($out, @command) = @_;

    my $pid = fork;
    die "fork: $!" unless defined $pid;

    return $pid if $pid;

    open STDIN, '<', '/dev/null';
    open STDOUT, '>>', $out;
    open STDERR, '>&', \*STDOUT;

    $SIG{PIPE} = 'DEFAULT';

    { no warnings 'exec'; exec { $command[0] } @command; }

    print STDERR "$command[0]: $!\n";
    POSIX::_exit(127);
}


# A process that ends another one when the test is gone: even one that was
# killed leaves no nginx behind.

my $guard;

sub guard {
    my ($sign, $pid) = @_;

    if (!$guard) {
        pipe my $read, $guard or die "pipe: $!";
        $guard->autoflush(1);

        my $child = fork;
        die "fork: $!" unless defined $child;

        if ($child == 0) {
            close $guard;
            open STDIN, '<', '/dev/null';
            open STDOUT, '>', '/dev/null';
            open STDERR, '>', '/dev/null';
            $SIG{$_} = 'IGNORE' for qw(INT TERM HUP);

            my %pids;

            while (<$read>) {
                /\A([+-])(\d+)/;
                $1 eq '+' ? $pids{$2}++ : delete $pids{$2};
            }

            kill 'TERM', keys %pids;
            POSIX::_exit(0);
        }

        close $read;
    }

    print {$guard} "$sign$pid\n";
}


# Who started a process; 0 if it is gone.

sub parent {
    my ($pid) = @_;

    my ($state, $parent) = slurp("/proc/$pid/stat") =~ /\A.*\) (\S) (\d+)/s
        or return 0;

    return $state eq 'Z' ? 0 : $parent;
}


sub children {
    my ($pid) = @_;

    return grep { parent($_) == $pid }
           map { m{\A/proc/(\d+)\z} } glob '/proc/*';
}


sub status {
    my ($pid, $name) = @_;

    return slurp("/proc/$pid/status") =~ /^$name:\s+(\d+) kB/m
           ? $1 * 1024
           : die "no $name of process $pid";
}


# A whole file, empty if there is none.

sub slurp {
    my ($path) = @_;

    open my $fh, '<', $path or return '';
    binmode $fh;
    local $/;

    return scalar(<$fh>) // '';
}


1;
