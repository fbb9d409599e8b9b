#!/usr/bin/perl

# What metrics cost: the worker's processor time for a request that is
# rewritten, without a zone, with one, and with one that is split by a key.
# The three take turns; what counts is the median of the rounds, user and
# system time as the kernel accounts it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Bench;

my $rounds = $ENV{ROUNDS} || 15;
my $seconds = $ENV{SECONDS} || 2;
my (%port, %cost);

my @order = ('off', 'on', 'by key');

my %metrics = (
    'off'    => '',
    'on'     => 'profile_metrics plain;',
    'by key' => 'profile_metrics keyed;',
);

start($_) for @order;

for my $round (0 .. $rounds) {
    for my $name (@order) {
        my ($cost) = load($name, $seconds, "http://127.0.0.1:$port{$name}/");

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

    $port{$name} = free_port();

    start_nginx($name, $port{$name}, <<"END", "load_module $module;");
    default_type application/json;

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
END
}
