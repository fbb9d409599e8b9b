#!/usr/bin/perl

# What metrics cost: the worker's processor time for a request that is
# rewritten, without a zone, with one, and with one that is split by a key.
# The three take turns; what counts is the median of the rounds, user and
# system time as the kernel accounts it.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX qw(sysconf _SC_CLK_TCK);
use Time::HiRes qw(sleep);

my $top = abs_path(dirname(__FILE__) . '/..');
my $rounds = $ENV{ROUNDS} || 15;
my $seconds = $ENV{SECONDS} || 2;
my $nginx = $ENV{PROFILE_NGINX} || '/usr/sbin/nginx';
my $module = $ENV{PROFILE_MODULE} || "$top/build/ngx_http_profile_module.so";
my $dir = tempdir(CLEANUP => 1);
my (%pid, %worker, %port, %cost);

my @order = ('off', 'on', 'by key');

my %metrics = (
    'off'    => '',
    'on'     => 'profile_metrics plain;',
    'by key' => 'profile_metrics keyed;',
);

END {
    my $status = $?;

    kill 'TERM', values %pid;
    waitpid $_, 0 for values %pid;
    $? = $status;
}

$SIG{INT} = $SIG{TERM} = sub { exit 1 };

chmod 0755, $dir;
symlink "$top/conf/profile", "$dir/profile";

start($_) for @order;

for my $round (0 .. $rounds) {
    for my $name (@order) {
        my $cost = measure($name);

        push @{ $cost{$name} }, $cost if $round;      # the first warms up
    }
}

my $off = median(@{ $cost{off} });

printf "%-8s %10s %12s\n", 'metrics', 'us/request', 'on top';

for my $name (@order) {
    my $cost = median(@{ $cost{$name} });

    printf "%-8s %10.3f %12.3f\n", $name, $cost, $cost - $off;
}


sub start {
    my ($name) = @_;

    my $file = "$dir/" . $name =~ s/ /-/r;
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                       LocalPort => 0, ReuseAddr => 1)
        or die "no port: $!\n";

    $port{$name} = $socket->sockport;

    open my $conf, '>', "$file.conf" or die "$file.conf: $!\n";
    print $conf <<"END";
load_module $module;
daemon off;
pid $file.pid;
error_log $file.log error;
worker_processes 1;

events {
    worker_connections 64;
}

http {
    access_log off;
    keepalive_requests 100000000;
    default_type application/json;
    client_body_temp_path $dir/body;
    proxy_temp_path $dir/proxy;
    fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi;
    scgi_temp_path $dir/scgi;

    include profile/auth0.conf;
    profile_zone plain 1m;
    profile_zone keyed 1m key=\$server_name;

    server {
        listen 127.0.0.1:$port{$name};
        server_name gateway;
        profile_rewrite auth0;
        $metrics{$name}

        location / {
            return 200 '{"user_id":"auth0|1","email":"a\@b.c","plan":"x"}';
        }
    }
}
END
    close $conf or die "$file.conf: $!\n";

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        exec $nginx, '-p', $dir, '-e', 'stderr', '-c', "$file.conf";
        exit 1;
    }

    $pid{$name} = $pid;

    for (1 .. 200) {
        ($worker{$name}) = split ' ',
                           slurp("/proc/$pid/task/$pid/children");
        last if $worker{$name} && -s "$file.pid";
        sleep 0.05;
    }

    die "nginx did not start\n" unless $worker{$name};
}


sub slurp {
    my ($path) = @_;

    open my $fh, '<', $path or die "$path: $!\n";
    local $/;

    return scalar(<$fh>) // '';
}


# User and system time, in microseconds.

sub cpu {
    my ($pid) = @_;

    my @field = split ' ', slurp("/proc/$pid/stat") =~ s/^.*\) //sr;

    return ($field[11] + $field[12]) * 1e6 / sysconf(_SC_CLK_TCK);
}


# Microseconds of a request.

sub measure {
    my ($name) = @_;

    my $before = cpu($worker{$name});
    my $out = qx{wrk -t1 -c4 -d${seconds}s http://127.0.0.1:$port{$name}/};
    my $spent = cpu($worker{$name}) - $before;

    die "wrk: $out" if $out =~ /Non-2xx|Socket errors/;

    my ($requests) = $out =~ /(\d+) requests in/ or die "wrk: $out";

    return $spent / ($requests || 1);
}


sub median {
    my @values = sort { $a <=> $b } @_;

    return @values % 2 ? $values[$#values / 2]
                       : ($values[@values / 2 - 1] + $values[@values / 2]) / 2;
}
