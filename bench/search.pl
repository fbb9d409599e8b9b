#!/usr/bin/perl

# What a search costs: the worker's processor time for a walk through the pages
# of a v1 with 10,000 users, with searches that find few of them and with
# orders, beside that for the same pages as plain lists of v2, one by one.  All
# take turns; what counts is the median of the ratios within a round.  And the
# memory that the worker has taken at most.

use strict;
use warnings;

use FindBin;
use HTTP::Tiny;
use JSON::PP qw(decode_json);
use lib "$FindBin::Bin/lib";
use Bench;

my $rounds = $ENV{ROUNDS} || 9;
my $pages = 100;
my $size = 100;
my $backend = free_port();
my $gateway = free_port();
my $list = "http://127.0.0.1:$gateway/api/v2/users";

# The name, the arguments, how many users are answered and how many there are.

my @walks = (
    [ 'one field', 'q=app_metadata.tier:rare&include_totals=true', 10, 10 ],
    [ 'four fields', 'q=app_metadata.tier:rare%20AND%20(name:abc*%20OR%20'
      . '_exists_:email)%20AND%20NOT%20blocked:true&include_totals=true',
      10, 10 ],
    [ 'identities', 'q=identities.provider:none%20OR%20app_metadata.tier:rare'
      . '&include_totals=true', 10, 10 ],
    [ 'sort', 'sort=created_at:-1&per_page=100', 100 ],
    [ 'sort, page 9', 'sort=user_id:-1&per_page=100&page=9', 100 ],
    [ 'search, sort', 'q=app_metadata.tier:rare&sort=user_id:1', 10 ],
);

my (%cost, %memory);

start_backend();
start_gateway();
check(@$_) for @walks;

my $plain = "$list?per_page=$size&page=[0-" . ($pages - 1) . ']';

for my $round (0 .. $rounds) {
    my ($pages) = fetch('gateway', 1, $plain);

    for my $walk ($round % 2 ? @walks : reverse @walks) {
        my ($name, $query) = @$walk;
        my ($cost) = fetch('gateway', 1, "$list?$query");

        next if !$round;                              # the first warms up

        push @{ $cost{$name} }, $cost / 1000;
        push @{ $cost{"$name / pages"} }, $cost / $pages;
    }

    push @{ $cost{pages} }, $pages / 1000 if $round;
}

printf "%-14s %10s %10s   %s\n", 'walk', 'ms', 'to pages', '(spread)';
printf "%-14s %10.2f %10s   (%s)\n", 'pages', median(@{ $cost{pages} }), '',
       spread(@{ $cost{pages} });

for my $name (map { $_->[0] } @walks) {
    my @ratio = @{ $cost{"$name / pages"} };

    printf "%-14s %10.2f %10.3f   (%s)\n", $name, median(@{ $cost{$name} }),
           median(@ratio), spread(@ratio);
}

printf "\nmemory at most, kB: %d after plain lists, %d after searches, %d after"
       . " orders\n", @memory{qw(pages search sort)};


# What does not do its job is not measured.

sub check {
    my ($name, $query, $count, $total) = @_;

    get("per_page=$size&page=0") if !%memory;
    $memory{pages} //= memory();

    my $answer = get($query);
    my $found = ref $answer eq 'HASH' ? $answer->{users} : $answer;

    die "$name: " . @$found . " users\n"
        if @$found != $count || ($total // '') ne (ref $answer eq 'HASH'
                                                   ? $answer->{total} : '');

    $memory{ $query =~ /sort=/ ? 'sort' : 'search' } = memory();
}


sub get {
    my ($query) = @_;

    my $answer = HTTP::Tiny->new->get("$list?$query");

    die "$query: $answer->{status} $answer->{content}\n"
        if !$answer->{success};

    return decode_json($answer->{content});
}


sub memory {
    my ($most) = slurp('/proc/' . worker('gateway') . '/status')
                 =~ /^VmHWM:\s*(\d+)/m;

    return $most;
}


# Pages that cost little: the samples, as v1 sends them, each time as another
# user.  Ten have what is looked for.

sub start_backend {
    my @users = map { slurp($_) =~ s/\n\s*//gr } glob
                "$top/t/samples/{auth0-database,facebook,github,linkedin}"
                . '.v1.json';

    mkdir "$dir/html" or die "$dir/html: $!\n";

    for my $page (0 .. $pages - 1) {
        my @page;

        for my $n ($page * $size .. ($page + 1) * $size - 1) {
            my $user = $users[$n % @users];

            $user =~ s/("user_id": *"[^"|]+\|)[^"]+/sprintf '%s%08d', $1, $n/e;
            $user =~ s/\}\s*$/,"tier":"rare"}/ if $n % 1000 == 999;
            push @page, $user;
        }

        spew("$dir/html/$page.json", '[' . join(',', @page) . ']');
    }

    my $last = $pages - 1;

    start_nginx('backend', $backend, <<"END");
    open_file_cache max=200;
    sendfile on;
    root $dir/html;

    map \$arg_page \$link {
        default  '</api/users>; rel="next"';
        $last    '</api/users>; rel="prev"';
    }

    server {
        listen 127.0.0.1:$backend;

        location = /api/users {
            add_header Link \$link;
            rewrite ^ /\$arg_page.json break;
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
END
}
