#!/usr/bin/perl

# What the guard costs: the worker's processor time for a PATCH of 1 KB of
# metadata through proxy_pass, without a guard and with one in each mode.  The
# three take turns; what counts is the median of the rounds, of differences
# within a round.

use strict;
use warnings;

use FindBin;
use HTTP::Tiny;
use lib "$FindBin::Bin/lib";
use Bench;

my $rounds = $ENV{ROUNDS} || 12;
my $seconds = $ENV{SECONDS} || 1;
my $backend = free_port();
my (%port, %cost);

my @order = ('off', 'mode v1', 'mode v2');

my %guard = (
    'off'     => '',
    'mode v1' => 'profile_guard auth0 mode=v1;',
    'mode v2' => 'profile_guard auth0 mode=v2;',
);

my $notes = join ',', map { sprintf '"note_%d":"called back about the plan"',
                                    $_ } 1 .. 25;

# A write that each mode lets pass, and one that it refuses.

my %body = (
    'off'     => [ "{$notes}" ],
    'mode v1' => [ "{$notes}", '{"gender":"f"}' ],
    'mode v2' => [ "{\"user_metadata\":{$notes}}", '{"gender":"f"}' ],
);

start_nginx('backend', $backend, <<"END");
    server {
        listen 127.0.0.1:$backend;

        location / {
            return 200;
        }
    }
END

start($_) for @order;
check($_) for @order;

for my $round (0 .. $rounds) {
    for my $name ($round % 2 ? @order : reverse @order) {
        my ($cost) = load($name, $seconds, url($name),
                          patch($name, $body{$name}[0]));

        push @{ $cost{$name} }, $cost if $round;      # the first warms up
    }
}

printf "%-8s %10s %10s   %s\n", 'guard', 'us/request', 'on top', '(spread)';

for my $name (@order) {
    my @more = map { $cost{$name}[$_] - $cost{off}[$_] } 0 .. $rounds - 1;

    printf "%-8s %10.2f %10.2f   (%s)\n", $name, median(@{ $cost{$name} }),
           median(@more), spread(@more);
}


sub start {
    my ($name) = @_;

    $port{$name} = free_port();

    start_nginx($name, $port{$name}, <<"END", "load_module $module;");
    include profile/auth0.conf;

    upstream backend {
        server 127.0.0.1:$backend;
        keepalive 16;
        keepalive_requests 100000000;
    }

    server {
        listen 127.0.0.1:$port{$name};
        profile_user_id /api/users/*;
        $guard{$name}

        location / {
            proxy_pass http://backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
END
}


sub url {
    my ($name) = @_;

    return "http://127.0.0.1:$port{$name}/api/users/facebook%7C10";
}


# A guard that does not guard is not measured.

sub check {
    my ($name) = @_;

    my @wanted = (200, 400);

    for my $body (@{ $body{$name} }) {
        my $answer = HTTP::Tiny->new->request('PATCH', url($name),
            { headers => { 'Content-Type' => 'application/json' },
              content => $body });

        die "$name: $answer->{status} $answer->{content}\n"
            if $answer->{status} != shift @wanted;
    }
}
