package Bench;

# What measurements share: an nginx with one worker for each contender, a load
# on it, the worker's own processor time, and what comes of several rounds.

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use POSIX qw(sysconf _SC_CLK_TCK);
use Time::HiRes qw(sleep time);

our @EXPORT = qw($top $dir $nginx $module $modules free_port slurp spew
                 start_nginx worker load fetch patch median spread);

our $top = abs_path(dirname(__FILE__) . '/../..');
our $nginx = $ENV{PROFILE_NGINX} || '/usr/sbin/nginx';
our $module = $ENV{PROFILE_MODULE} || "$top/build/ngx_http_profile_module.so";
our $modules = $ENV{NGINX_MODULES} || '/usr/lib/nginx/modules';
our $dir = tempdir(CLEANUP => 1);

my (%pid, %worker);

END {
    my $status = $?;

    kill 'TERM', values %pid;
    waitpid $_, 0 for values %pid;
    $? = $status;
}

$SIG{INT} = $SIG{TERM} = sub { exit 1 };

chmod 0755, $dir;
symlink "$top/conf/profile", "$dir/profile";


sub free_port {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                                       LocalPort => 0, Listen => 1)
        or die "no port: $!\n";

    return $socket->sockport;
}


sub slurp {
    my ($path) = @_;

    open my $fh, '<', $path or die "$path: $!\n";
    local $/;

    return scalar(<$fh>) // '';
}


sub spew {
    my ($path, $text) = @_;

    open my $fh, '>', $path or die "$path: $!\n";
    print $fh $text;
    close $fh or die "$path: $!\n";

    return $path;
}


# The name stands for its worker from here on.  The configuration is what is to
# stand in http {}, and modules to load; what all have in common is added.

sub start_nginx {
    my ($name, $port, $http, $load) = @_;

    my $file = "$dir/" . $name =~ s/ /-/gr;

    spew("$file.conf", ($load // '') . <<"END");

daemon off;
pid $file.pid;
error_log $file.log error;
worker_processes 1;

events {
    worker_connections 256;
}

http {
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path $file.body;
    proxy_temp_path $file.proxy;
    fastcgi_temp_path $file.fastcgi;
    uwsgi_temp_path $file.uwsgi;
    scgi_temp_path $file.scgi;

    types {
        application/json json;
    }

$http
}
END

    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        exec $nginx, '-p', $dir, '-e', 'stderr', '-c', "$file.conf";
        exit 1;
    }

    $pid{$name} = $pid;

    for (1 .. 200) {
        my $children = "/proc/$pid/task/$pid/children";

        ($worker{$name}) = split ' ', -e $children ? slurp($children) : '';

        return if $worker{$name}
                  && IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                           PeerPort => $port);
        sleep 0.05;
    }

    die "$name did not start:\n" . slurp("$file.log");
}


sub worker { return $worker{ $_[0] } }


# Microseconds: by the scheduler or, where it does not tell, by the clock tick.

sub cpu {
    my ($pid) = @_;

    my ($ran) = -e "/proc/$pid/schedstat"
                ? split ' ', slurp("/proc/$pid/schedstat") : 0;

    return $ran / 1000 if $ran;

    my @field = split ' ', slurp("/proc/$pid/stat") =~ s/^.*\) //sr;

    return ($field[11] + $field[12]) * 1e6 / sysconf(_SC_CLK_TCK);
}


# A load on a contender: microseconds of its worker for a request, and how many
# requests there were in a second.

sub load {
    my ($name, $seconds, $url, $script) = @_;

    my $before = cpu($worker{$name});
    my @command = ('wrk', '-t1', '-c4', "-d${seconds}s",
                   defined $script ? ('-s', $script) : (), $url);

    open my $wrk, '-|', @command or die "wrk: $!\n";
    my $out = join '', <$wrk>;
    close $wrk;

    my $spent = cpu($worker{$name}) - $before;

    die "@command: $out" if $out =~ /Non-2xx|Socket errors/;

    my ($requests) = $out =~ /(\d+) requests in/ or die "@command: $out";
    my ($rate) = $out =~ m{Requests/sec:\s*([\d.]+)} or die "@command: $out";

    return ($spent / ($requests || 1), $rate);
}


# The same of so many requests one after another, for bodies so large that
# those on their way when the time is up would count.

sub fetch {
    my ($name, $requests, $url) = @_;

    my ($before, $start) = (cpu($worker{$name}), time);

    system('curl', '-sf', map { ('-o', '/dev/null', $url) } 1 .. $requests)
        and die "curl $url: $?\n";

    return ((cpu($worker{$name}) - $before) / $requests,
            $requests / (time - $start));
}


# What wrk sends when it writes: a script for load().

sub patch {
    my ($name, $body) = @_;

    return spew("$dir/$name.lua", <<"END");
wrk.method = "PATCH"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '$body'
END
}


sub median {
    my @values = sort { $a <=> $b } @_;

    return @values % 2 ? $values[$#values / 2]
                       : ($values[@values / 2 - 1] + $values[@values / 2]) / 2;
}


sub spread {
    my @values = sort { $a <=> $b } @_;

    return sprintf '%.4g to %.4g', $values[0], $values[-1];
}


1;
