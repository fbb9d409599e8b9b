#!/usr/bin/perl

# Side by side: plain proxy_pass, the module, and what users would write
# instead, on the same bodies.  Figures come from the worker's own accounting,
# the contenders take turns, and what counts is the median of the rounds.

use strict;
use warnings;

use FindBin;
use POSIX qw(strftime);
use lib "$FindBin::Bin/lib";
use Bench;

my $rounds = $ENV{ROUNDS} || 5;
my $seconds = $ENV{SECONDS} || 1;
my $large = 1 << 20;
my $fetches = 5;

mkdir "$dir/html";

my @bodies = (
    [ 'user-1k', 1, 0 ], [ 'user-10k', 1, 9000 ],
    [ 'list-100', 100, 0 ], [ 'list-10000', 10000, 0 ],
);

my $proxy = "proxy_pass http://backend; proxy_http_version 1.1;"
    . ' proxy_set_header Connection "";';

my %contenders = (
    plain => [ '', '', $proxy ],
    profile => [ "load_module $module;", 'include profile/auth0.conf;',
        "$proxy profile_rewrite auth0;" ],
    sub_filter => [ '', '', "$proxy sub_filter lastLogin last_login;"
        . ' sub_filter_once off; sub_filter_types application/json;' ],
    lua => [ "load_module $modules/ndk_http_module.so;"
        . " load_module $modules/ngx_http_lua_module.so;",
        "lua_package_path '$top/bench/?.lua;;';"
        . ' init_by_lua_block { profile = require "profile" }',
        "$proxy header_filter_by_lua_block { profile.header() }"
        . ' body_filter_by_lua_block { profile.body() }' ],
    njs => [ "load_module $modules/ngx_http_js_module.so;",
        "js_path $top/bench; js_import profile from profile.js;",
        "$proxy js_header_filter profile.header;"
        . ' js_body_filter profile.body buffer_type=string;' ],
);

my @order = qw(plain profile sub_filter lua njs);
my (%port, %result);

write_bodies();
start_backend();
start_contender($_) for @order;
check_answers();

for my $body (@bodies) {
    measure($body->[0]);
}

report();


# The sample users, each once more and more, as one user or a list.

sub write_bodies {
    my @users = map {
        my $user = slurp($_);
        $user =~ s/\n\s*//g;
        $user =~ s/": /":/g;
        $user;
    } map { "$top/t/samples/$_.v1.json" }
        qw(auth0-database facebook github google-oauth2 linkedin ad);

    for (@bodies) {
        my ($name, $n, $more) = @$_;
        my @list = map { pad($users[$_ % @users], $more) } 1 .. $n;

        spew("$dir/html/$name.json",
             $n == 1 ? $list[0] : '[' . join(',', @list) . ']');
    }
}

sub pad {
    my ($user, $more) = @_;
    my $i = 0;
    my $text = '';

    while (length($text) < $more || length($user) + length($text) < 1150) {
        $text .= sprintf ',"note_%d":{"on":"2014-05-%02d","text":"called '
            . 'back about the plan"}', $i++, $i % 28 + 1;
    }

    $user =~ s/\}$/$text}/;

    return $user;
}

sub start_backend {
    $port{backend} = free_port();
    start_nginx('backend', $port{backend}, server('backend',
        "root $dir/html; open_file_cache max=16; sendfile on;"));
}

sub start_contender {
    my ($name) = @_;
    my ($load, $http, $location) = @{ $contenders{$name} };

    $port{$name} = free_port();
    start_nginx($name, $port{$name}, "$http\n" . server($name, $location),
                $load);
}

sub server {
    my ($name, $location) = @_;

    return <<"END";
    upstream backend {
        server 127.0.0.1:$port{backend};
        keepalive 16;
        keepalive_requests 1000000;
    }

    server {
        listen 127.0.0.1:$port{$name};

        location / {
            $location
        }
    }
END
}

sub get {
    my ($name, $body) = @_;

    return scalar `curl -s @{[ url($name, $body) ]}`;
}

sub url {
    my ($name, $body) = @_;

    return "http://127.0.0.1:$port{$name}/$body.json";
}

# A contender that does not do the job is no contender.

sub check_answers {
    for my $name (qw(profile lua njs)) {
        for (@bodies) {
            my $n = () = get($name, $_->[0]) =~ /"app_metadata":/g;
            die "$name: $n users of $_->[1] in $_->[0]\n" if $n < $_->[1];
        }
    }
}

sub peak {
    my ($pid) = @_;

    return slurp("/proc/$pid/status") =~ /VmHWM:\s*(\d+)/ ? $1 : 0;
}

sub measure {
    my ($body) = @_;
    my $whole = -s "$dir/html/$body.json" > $large;

    for my $round (0 .. $rounds) {
        for my $name (@order) {
            my $url = url($name, $body);
            my ($cpu, $rps) = $whole ? fetch($name, $fetches, $url)
                                     : load($name, $seconds, $url);

            next if $round == 0;          # to warm up

            push @{ $result{$body}{$name}{cpu} }, $cpu;
            push @{ $result{$body}{$name}{rps} }, $rps;
        }
    }

    $result{$body}{$_}{peak} = peak(worker($_)) for @order;

    if ($body eq $bodies[-1][0]) {
        for my $name (@order) {
            push @{ $result{$body}{$name}{first} }, first_byte($name, $body)
                for 1 .. $rounds;
        }
    }
}

sub first_byte {
    my ($name, $body) = @_;

    my $url = url($name, $body);

    return 1000 * `curl -s -o /dev/null -w '%{time_starttransfer}' $url`;
}

sub report {
    my $cpu = slurp('/proc/cpuinfo') =~ /model name\s*:\s*(.*)/ ? $1 : '?';
    my ($version) = `$nginx -v 2>&1` =~ m{nginx/([\d.]+)};
    my $text = "# Side by side\n\n"
        . strftime('%Y-%m-%d', gmtime) . ", $cpu, "
        . `nproc` =~ s/\n//r . " processors, nginx $version, one worker each, "
        . "$rounds rounds of $seconds s in turns, or of $fetches requests one "
        . "after another if the body is large: medians.\n\n"
        . "Made by `make bench`.  *CPU* is the worker's own processor time a "
        . "request, *on top* what of it comes on top of plain `proxy_pass`, "
        . "*peak* the largest memory of the worker so far.\n";

    for my $body (@bodies) {
        my $name = $body->[0];
        my $r = $result{$name};
        my $plain = median(@{ $r->{plain}{cpu} });

        $text .= sprintf "\n## %s (%d bytes)\n\n", $name,
            -s "$dir/html/$name.json";
        $text .= "| contender | requests/s | CPU, us | (spread) | on top, us | "
            . "peak, MB |" . ($r->{plain}{first} ? ' first byte, ms |' : '')
            . "\n|---|---:|---:|---|---:|---:|"
            . ($r->{plain}{first} ? '---:|' : '') . "\n";

        for my $c (@order) {
            my $us = median(@{ $r->{$c}{cpu} });

            $text .= sprintf "| %s | %.0f | %.1f | %s | %.1f | %.1f |",
                $c, median(@{ $r->{$c}{rps} }), $us, spread(@{ $r->{$c}{cpu} }),
                $us - $plain, $r->{$c}{peak} / 1024;
            $text .= sprintf ' %.1f |', median(@{ $r->{$c}{first} })
                if $r->{$c}{first};
            $text .= "\n";
        }
    }

    print $text;

    spew("$top/bench/RESULTS.md", $text);
    plot();
}

# What each costs on top of plain, over the size of the body, both by their
# logarithm.

sub plot {
    my %color = (profile => '#0b6bcb', sub_filter => '#2e7d32',
                 lua => '#c2410c', njs => '#7c3aed');
    my ($w, $h, $left, $bottom) = (640, 360, 70, 50);
    my $x = sub { $left + ($w - $left - 110) * (log($_[0]) / log(10) - 3)
                  / (7.2 - 3) };
    my $y = sub { my $v = $_[0] < 0.5 ? 0.5 : $_[0];
                  $h - $bottom - ($h - $bottom - 20)
                  * (log($v) / log(10) + 0.31) / 6.31 };
    my $svg = qq(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $w $h" )
        . qq(font-family="sans-serif" font-size="12">\n)
        . qq(<title>Processor time on top of proxy_pass</title>\n)
        . qq(<rect width="$w" height="$h" fill="#fff"/>\n);

    for my $e (0 .. 5) {
        my $py = sprintf '%.1f', $y->(10 ** $e);
        my $label = $e < 3 ? 10 ** $e . ' us' : 10 ** ($e - 3) . ' ms';
        $svg .= qq(<line x1="$left" y1="$py" x2=") . ($w - 110)
            . qq(" y2="$py" stroke="#ddd"/><text x=") . ($left - 8)
            . qq(" y="$py" text-anchor="end" dy="4">$label</text>\n);
    }

    for ([ 1e3, '1 KB' ], [ 1e4, '10 KB' ], [ 1e5, '100 KB' ], [ 1e6, '1 MB' ],
         [ 1e7, '10 MB' ])
    {
        my $px = sprintf '%.1f', $x->($_->[0]);
        $svg .= qq(<text x="$px" y=") . ($h - $bottom + 20)
            . qq(" text-anchor="middle">$_->[1]</text>\n);
    }

    for my $c (grep { $_ ne 'plain' } @order) {
        my @points = map {
            my $r = $result{ $_->[0] };
            [ $x->(-s "$dir/html/$_->[0].json"),
              $y->(median(@{ $r->{$c}{cpu} }) - median(@{ $r->{plain}{cpu} })) ]
        } @bodies;

        $svg .= sprintf qq(<polyline fill="none" stroke="%s" stroke-width="2" )
            . qq(points="%s"/>\n), $color{$c},
            join ' ', map { sprintf '%.1f,%.1f', @$_ } @points;
        $svg .= sprintf
            qq(<text x="%.1f" y="%.1f" fill="%s" dy="4">%s</text>\n),
            $points[-1][0] + 8, $points[-1][1], $color{$c}, $c;
    }

    $svg .= sprintf qq(<text x="%d" y="%d" text-anchor="middle">body</text>\n),
        ($w - 110 + $left) / 2, $h - 8;

    mkdir "$top/docs/images";
    spew("$top/docs/images/bench.svg", "$svg</svg>\n");
}
