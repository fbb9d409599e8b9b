#!/usr/bin/perl

# What the gateway costs: the worker's processor time for a PATCH of metadata,
# beside that of the two calls of v1 that it is made of, which go through the
# same nginx and nothing but proxy_pass; and for a list of 100 users with
# totals, beside the same list without.  All take turns; what counts is the
# median of the rounds, of differences and ratios within a round.

use strict;
use warnings;

use FindBin;
use HTTP::Tiny;
use List::Util qw(min);
use lib "$FindBin::Bin/lib";
use Bench;

my $rounds = $ENV{ROUNDS} || 12;
my $seconds = $ENV{SECONDS} || 1;
my $backend = free_port();
my $gateway = free_port();
my $plain = free_port();

my $users = 100;
my $id = 'auth0%7C52e1b0a1c3d4e5f607182930';
my $patch = '{"user_metadata":{"hobby":"surf"},"app_metadata":{"plan":"full"}}';
my $bag = '{"um_hobby":"surf","plan":"full"}';

# The name, where, how many users in the form of v2 are answered and whether
# they are counted, what is written.

my @order = (
    [ 'patch', "$gateway/api/v2/users/$id", 1, 0, $patch ],
    [ 'write', "$plain/api/users/$id/metadata", 0, 0, $bag ],
    [ 'read', "$plain/api/users/$id", 0, 0 ],
    [ 'list', "$gateway/api/v2/users?per_page=$users", $users, 0 ],
    [ 'totals', "$gateway/api/v2/users?per_page=$users&include_totals=true",
      $users, 1 ],
);

my %cost;

start_backend();
start_gateway();
check($_) for @order;

# There and back again, so that who comes first does not matter.

for my $round (0 .. $rounds) {
    for ($round % 2 ? @order : reverse @order) {
        my ($name, $where, undef, undef, $body) = @$_;
        my ($cost) = load('gateway', $seconds, "http://127.0.0.1:$where",
                          defined $body ? patch($name, $body) : undef);

        push @{ $cost{$name} }, $cost if $round;      # the first warms up
    }
}

printf "%-8s %10s   %s\n", 'request', 'us', '(spread)';

for my $name (map { $_->[0] } @order) {
    printf "%-8s %10.2f   (%s)\n", $name, median(@{ $cost{$name} }),
           spread(@{ $cost{$name} });
}

my @own = map { $cost{patch}[$_] - $cost{write}[$_] - $cost{read}[$_] }
          0 .. $rounds - 1;
my @ratio = map { $cost{totals}[$_] / $cost{list}[$_] } 0 .. $rounds - 1;

# Whatever else the machine does only adds: the least is what it disturbed
# least.

my %least = map { $_ => min(@{ $cost{$_} }) } keys %cost;

printf "\na PATCH on top of its two calls, us: %.2f (%s), of the least: %.2f\n",
       median(@own), spread(@own),
       $least{patch} - $least{write} - $least{read};
printf "a list with totals to one without: %.4f (%s), of the least: %.4f\n",
       median(@ratio), spread(@ratio), $least{totals} / $least{list};


# What does not do its job is not measured.

sub check {
    my ($name, $where, $count, $total, $body) = @{ $_[0] };

    my $answer = HTTP::Tiny->new->request(
        defined $body ? 'PATCH' : 'GET', "http://127.0.0.1:$where",
        { headers => { 'Content-Type' => 'application/json' },
          defined $body ? (content => $body) : () });

    my $found = () = $answer->{content} =~ /"user_metadata":/g;
    my $totals = () = $answer->{content} =~ /"total":/g;

    die "$name: $answer->{status} $answer->{content}\n"
        if !$answer->{success} || $found != $count || $totals != $total;
}


# Answers that cost little: the samples, as v1 sends them.

sub start_backend {
    my @users = map { slurp($_) =~ s/\n\s*//gr } glob
                "$top/t/samples/{auth0-database,facebook,github,linkedin}"
                . '.v1.json';

    mkdir "$dir/html" or die "$dir/html: $!\n";
    spew("$dir/html/user.json", $users[0]);
    spew("$dir/html/users.json",
         '[' . join(',', map { $users[$_ % @users] } 1 .. $users) . ']');

    start_nginx('backend', $backend, <<"END");
    open_file_cache max=16;
    sendfile on;
    root $dir/html;

    server {
        listen 127.0.0.1:$backend;

        location = /api/users {
            add_header Link '</api/users?page=1>; rel="next"';
            rewrite ^ /users.json break;
        }

        location /api/users/ {
            if (\$request_method = PATCH) {
                rewrite ^ /written last;
            }

            rewrite ^ /user.json break;
        }

        location = /written {
            default_type application/json;
            return 200 '$users[0]';
        }
    }
END
}

sub start_gateway {
    start_nginx('gateway', $gateway, <<"END", "load_module $module;");
    include profile/auth0.conf;

    upstream profile_backend {
        server 127.0.0.1:$backend;
        keepalive 16;
        keepalive_requests 100000000;
    }

    server {
        listen 127.0.0.1:$gateway;
        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:$plain;

        location / {
            proxy_pass http://profile_backend;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
END
}
