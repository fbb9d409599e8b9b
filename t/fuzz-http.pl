#!/usr/bin/perl

# Fuzzes nginx with the module from both sides: t/fuzz-http.pl SECONDS.  Clients
# of HTTP/1 and HTTP/2 send requests that are damaged, cut, split and framed in
# odd ways, and a backend, which records what reaches it, answers likewise: with
# profiles that hold secrets where v2 shows none.  What has to hold:
#
#   1  No worker dies, no sanitizer reports, the error log has no line at level
#      alert, emerg or crit and, of the module, none with a secret; each request
#      ends.
#   2  What was refused (action "blocked") has not reached the backend.  What
#      did reach it by a guarded write has no name that may not be written, as
#      lists of names and Perl's Unicode judge it.  What reached it through the
#      v2 API is one of the calls of v1 that the request stands for, with the
#      very id: before a refusal by v1 there may be calls, before one of the
#      module (400, 403, 404, 412, 413, 415) there are none.
#   3  No secret leaves in a form of v2: tokens at any depth of identities, what
#      the schema drops, all of an error of v1 but its message, headers that
#      lead back to v1, and all of what cannot be read.  Elsewhere secrets are
#      data.  Where users are not required ("any") other statuses, other media
#      types and what holds no user pass as they are.
#   4  The counters of each location are the lines of the access log, by action
#      and reason, and all forms of the status page show them.  Of what ends
#      before it gets anywhere the log has a line without an action, and there
#      may be as many more.
#   5  A 200 or 201 in v2 form that is whole is JSON; where "api=v2" is on an
#      error is {"statusCode":...}, and no other status is seen.
#   6  What failed does not look whole, what was rewritten is whole, and each
#      request that is well-formed gets an answer.
#
# PROFILE_SEED=N makes the same exchanges again, and each can be made by itself.
# One that breaks a rule is written to build/fuzz-http/SEED-NUMBER.json, as it
# was and as small as it could be made (*-small.json): PROFILE_REPLAY=FILE does
# it again and tells what was seen.  PROFILE_PLACES="api gateway" keeps to some
# of the locations.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Fuzz::Judge;
use ProfileTest::Fuzz::Make;
use ProfileTest::Fuzz::Smaller qw(smaller);
use ProfileTest::Fuzz::Text;
use ProfileTest::Fuzz::Wire;
use ProfileTest::Process qw(slurp);

use JSON::PP ();
use List::Util qw(sum0);
use Time::HiRes qw(time);

my $seconds = $ARGV[0] // 60;
my $seed = $ENV{PROFILE_SEED} || (time ^ $$) & 0xffffff;
my $replay = $ENV{PROFILE_REPLAY} || '';
my @only = split ' ', $ENV{PROFILE_PLACES} // '';

die "usage: t/fuzz-http.pl SECONDS\n" if $seconds !~ /\A\d+\z/;

use constant { COUNT_EVERY => 100, FINDINGS => 20, SMALLER => 20,
               LOG_SIZE => 4 << 20 };

my $t = ProfileTest->new(log => 'notice');
my $wire = ProfileTest::Fuzz::Wire->new(patience => $t->patience);
my $backend = $wire->addr;
my $places = join '|', sort keys %ProfileTest::Fuzz::Make::PLACES;
my $format = ProfileTest::Fuzz::Judge->log_format;
my $out = $t->top . '/build/fuzz-http';

my ($first) = $t->read_file($t->top . '/README.md')
    =~ /^## Quick configuration\n.*?^    listen 8080;\n(.*?)^\}\n```$/ms
    or die "README.md: no quick configuration\n";

ProfileTest::Fuzz::Text->samples($t->top . '/t/samples');

$t->conf(<<"END");
    include profile/auth0.conf;

    profile_zone fuzz 1m key=\$fuzz_place;
    profile_metrics fuzz;

    map \$server_port:\$request_uri \$fuzz_place {
        ~^(?:%%PORT_2%%|%%PORT_3%%):                      quick;
        ~^(?:%%PORT_4%%|%%PORT_5%%):                      gateway;
        ~^(?:%%PORT_6%%|%%PORT_7%%):                      other;
        ~^\\d+:/+(?<fuzz_name>$places)(?:/|\$)              \$fuzz_name;
        default                                           none;
    }

    log_format fuzz '$format';
    error_log %%DIR%%/error.log warn;

    proxy_cache_path %%DIR%%/cache keys_zone=cache:1m max_size=8m;

    upstream profile_backend {
        server $backend;
        keepalive 4;
    }

    client_header_timeout 5s;
    client_body_timeout 5s;
    send_timeout 10s;
    keepalive_timeout 5s;
    proxy_read_timeout 1s;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Accept-Encoding gzip;
    gzip_min_length 1;
    gzip_types application/json;

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%
        access_log %%DIR%%/access.log fuzz;
        add_header X-Fuzz \$http_x_fuzz always;

        location /any/ {
            proxy_pass http://profile_backend;
            profile_rewrite auth0;
        }

        location /if/ {
            proxy_pass http://profile_backend;
            profile_rewrite auth0 if=\$http_x_v2;
        }

        location /answer/ {
            proxy_pass http://profile_backend;
            profile_rewrite auth0 if=\$upstream_http_etag;
        }

        location /env/ {
            proxy_pass http://profile_backend;
            profile_rewrite auth0 envelope=users;
        }

        location /req/ {
            proxy_pass http://profile_backend;
            profile_rewrite auth0 users=required;
            profile_fields \$profile_arg_fields exclude=\$arg_include_fields;
        }

        location /none/ {
            proxy_pass http://profile_backend;
            profile_rewrite auth0 api=v2 users=none;
        }

        location /api/ {
            proxy_pass http://profile_backend;
            profile_rewrite auth0 api=v2;
            error_page 404 502 504 /any/error;
            proxy_intercept_errors on;
        }

        location /list/ {
            proxy_pass http://profile_backend;
            profile_rewrite auth0 api=v2;
            profile_list page=\$profile_arg_page per_page=\$profile_arg_per_page
                         totals=\$profile_arg_include_totals
                         total=\$upstream_http_x_total_count;
            profile_fields \$profile_arg_fields
                           exclude=\$profile_arg_include_fields;
        }

        location /nobuf/ {
            proxy_pass http://profile_backend;
            proxy_buffering off;
            proxy_request_buffering off;
            profile_rewrite auth0 api=v2;
        }

        location /small/ {
            proxy_pass http://profile_backend;
            proxy_buffer_size 4k;
            proxy_buffers 2 4k;
            proxy_busy_buffers_size 4k;
            proxy_max_temp_file_size 0;
            output_buffers 1 512;
            profile_rewrite auth0;
            profile_buffer_size 0;
        }

        location /cache/ {
            proxy_pass http://profile_backend;
            proxy_cache cache;
            proxy_cache_valid any 1m;
            proxy_cache_revalidate on;
            profile_rewrite auth0;
        }

        location /gz/ {
            proxy_pass http://profile_backend;
            gzip on;
            gunzip on;
            profile_rewrite auth0;
        }

        location /page/ {
            ssi on;
            ssi_types *;
            default_type application/json;
            profile_rewrite auth0;
            return 200 '[<!--#include virtual="/any/page" -->,
                         <!--#include virtual="/gz/page" -->]';
        }

        location /dry/ {
            proxy_pass http://profile_backend;
            profile_rewrite auth0;
            profile_rewrite_dry_run on;
        }

        location /g1/ {
            proxy_pass http://profile_backend;
            profile_guard auth0 mode=v1;
            profile_user_id /g1/*/metadata;
        }

        location /g2/ {
            proxy_pass http://profile_backend;
            proxy_request_buffering off;
            profile_guard auth0 mode=v2;
            profile_user_id /g2/*;
        }

        location /gc/ {
            client_body_buffer_size 16;
            proxy_pass http://profile_backend;
            profile_guard auth0 mode=v2;
        }

        location /gd/ {
            proxy_pass http://profile_backend;
            profile_guard auth0 mode=v1;
            profile_guard_dry_run on;
            profile_user_id /gd/*/metadata;
        }
    }

    # The first configuration of the README.

    server {
        listen 127.0.0.1:%%PORT_2%%;
        %%LISTEN_HTTP2_3%%
        access_log %%DIR%%/access.log fuzz;
        add_header X-Fuzz \$http_x_fuzz always;

$first    }

    # The gateway as it is shipped.

    server {
        listen 127.0.0.1:%%PORT_4%%;
        %%LISTEN_HTTP2_5%%
        access_log %%DIR%%/access.log fuzz;
        add_header X-Fuzz \$http_x_fuzz always;

        include profile/gateway.conf;
    }

    # The same where nginx passes on what it can, as early as it can.

    server {
        listen 127.0.0.1:%%PORT_6%%;
        %%LISTEN_HTTP2_7%%
        access_log %%DIR%%/access.log fuzz;
        add_header X-Fuzz \$http_x_fuzz always;

        proxy_buffering off;
        proxy_request_buffering off;
        client_body_buffer_size 16;
        underscores_in_headers on;
        ignore_invalid_headers off;
        gzip on;
        profile_buffer_size 0;

        include profile/gateway.conf;
    }

    server {
        listen 127.0.0.1:%%PORT_8%%;
        access_log off;
        keepalive_requests 1000000000;
        keepalive_timeout 1h;

        location = /turn {
            stub_status;
        }

        location / {
            profile_status;
        }
    }
END

$t->start;
$wire->nginx($t->port(8));

my $judge = ProfileTest::Fuzz::Judge->new(
    schema => $t->dir . '/profile',
    ports => { map { $t->port($_->[0]) => $_->[1] }
               [ 2, 'quick' ], [ 3, 'quick' ], [ 4, 'gateway' ],
               [ 5, 'gateway' ], [ 6, 'gateway' ], [ 7, 'gateway' ],
               [ 8, 'status' ] });

my (%offset, %known, %lines, %bare, %actions, %counted, @findings);

note("seed $seed");


# What was written to a log since the last time; it is emptied when it is long.

sub news {
    my ($name) = @_;

    my $path = $t->dir . "/$name";

    open my $fh, '<:raw', $path or return '';
    seek $fh, $offset{$name} // 0, 0;
    local $/;
    my $news = <$fh> // '';

    $offset{$name} += length $news;

    if ($offset{$name} > LOG_SIZE) {
        truncate $path, 0;
        $offset{$name} = 0;
    }

    return $news;
}


# Rule 1, of what nginx and the sanitizers wrote.

sub trouble {
    my @wrong;
    my $secret = $ProfileTest::Fuzz::Text::SECRET;

    for my $line (split /\n/, news('error.log')) {
        push @wrong, '1 ' . $line =~ s/\A\S+ \S+ (\[\w+\]) \S+ (?:\*\d+ )?/$1 /r
            if $line =~ /\[(?:alert|emerg|crit)\]/;
        push @wrong, "1 a secret in the log: $line"
            if $line =~ /profile (?:filter|guard|upgrade)[^,]*$secret/;
    }

    for my $report (grep { !$known{$_}++ } glob $t->dir . '/reports/*') {
        my $text = slurp($report);
        my ($what) = $text =~ /(SUMMARY: .*|\S+ runtime error: .*)/;

        push @wrong, '1 ' . ($what // "a report, $report");
    }

    return @wrong;
}


# The lines of the access log since the last time.

sub logged {
    my @lines = map { ProfileTest::Fuzz::Judge->line($_) }
                split /\n/, news('access.log');

    for my $line (@lines) {
        if ($line->{action} eq '') {
            $bare{ $line->{place} }++;
            next;
        }

        $lines{"$line->{place} $line->{action} $line->{reason}"}++;
        $actions{"$line->{action} $line->{reason}"}++;
    }

    return @lines;
}


# Does an exchange: what is wrong with it, and what was seen.

sub try {
    my ($exchange) = @_;

    my %exchange = (%$exchange, port => $t->port($exchange->{port}));
    my $result = $wire->run(\%exchange);

    # A line may come late, when the next exchange is under way.

    my @lines = grep { $_->{id} eq '' || $_->{id} =~ /\A$exchange->{number}\./ }
                logged();

    $result->{lines} = \@lines;

    my @wrong = (trouble(), $judge->wrong($exchange, $result, @lines));

    return (\@wrong, $result);
}


# Rule 4: what the status page says, less what it said before.

sub counters {
    my $text = $t->get('/?format=prometheus', ':port' => $t->port(8))->body;
    my %said;

    while ($text =~ /^profile_requests_total\{(.*)\} ([1-9]\d*)$/mg) {
        my ($labels, $n) = ($1, $2);
        my %label = $labels =~ /(\w+)="([^"]*)"/g;

        $said{"$label{key} $label{action} $label{reason}"} = $n;
    }

    return %said;
}


# The same of the other form, added up.

sub sum_of_json {
    my $r = $t->get('/?format=json', ':port' => $t->port(8));
    my $keys = JSON::PP->new->decode($r->body)->{zones}{fuzz}{keys};

    return sum0(map { map { values %$_ } values %{ $_->{requests_total} } }
                values %$keys);
}


sub miscounted {
    my (%said, @wrong);

    $t->wait(sub {
        %said = counters();
        logged();

        my %spare = %bare;

        @wrong = map {
            my ($place) = split / /;
            my $n = ($said{$_} // 0) - ($counted{$_} // 0);
            my $lines = $lines{$_} // 0;

            # What ends early is counted, but the log knows no more of it.

            while ($n > $lines && $spare{$place}) {
                $lines++;
                $spare{$place}--;
            }

            $n == $lines ? () : "4 $_: counted $n, logged $lines";
        } sort keys %{{ %said, %lines }};

        return !@wrong;
    });

    %counted = %said;
    %lines = %bare = ();

    return @wrong;
}


# Which of the exchanges the counters do not agree with.

sub find_miscounted {
    my (@exchanges) = @_;

    for my $exchange (@exchanges) {
        try($exchange);

        my @wrong = miscounted();

        found($exchange, 1, @wrong) if @wrong;
        return if @wrong;
    }
}


# One finding of a kind: all that differs in numbers only is one kind.

sub kind { return join '; ', map { s/\d+/N/gr =~ s/(?<=N) .*?S3.*//r } @_ }

my %kinds;

sub found {
    my ($exchange, $counts, @wrong) = @_;

    return if $kinds{ kind($wrong[0]) }++;

    push @findings, $wrong[0];

    my $name = "$out/$seed-$exchange->{number}";

    mkdir $t->top . '/build';
    mkdir $out;
    $exchange->{wrong} = \@wrong;
    $t->write_file("$name.json", ProfileTest::Fuzz::Make->to_text($exchange));

    my $again = sub {
        my ($wrong) = try($_[0]);

        push @$wrong, miscounted() if $counts;

        return grep { kind($_) eq kind($wrong[0]) } @$wrong;
    };

    my $how = 'not seen again';

    if ($again->($exchange)) {
        my $small = smaller($exchange, $again, time + SMALLER);

        $t->write_file("$name-small.json",
                       ProfileTest::Fuzz::Make->to_text($small));
        $how = "smaller: $name-small.json";
    }

    diag("exchange $exchange->{number} ($exchange->{place}): $wrong[0]\n"
         . "    $name.json, $how");
}


# An exchange of a file, and all that was seen of it.

sub show {
    my ($file) = @_;

    my $exchange = ProfileTest::Fuzz::Make->of_text(slurp($file));
    my ($wrong, $result) = try($exchange);

    push @$wrong, miscounted();

    my $cut = sub { length $_[0] > 2000 ? substr($_[0], 0, 2000) . '...'
                                        : $_[0] };

    for my $step (@{ $exchange->{client} }) {
        diag('> ' . join ' ', map { $cut->($_) } @$step);
    }

    for my $seen (@{ $result->{seen} }) {
        diag('= ' . $cut->($seen->{head} . "\n" . $seen->{body}));
        diag('= ' . $cut->($_)) for @{ $seen->{answer}{pieces} };
        diag('= ' . ($seen->{answer}{end} // ''));
    }

    for my $r (@{ $result->{responses} }) {
        diag('< ' . $r->status . ' ' . $r->error . "\n"
             . join("\n", map { join ': ', @$_ } @{ $r->{headers} })
             . "\n\n" . $cut->($r->text // $r->body));
    }

    for my $line (@{ $result->{lines} }) {
        diag(join ' ', map { "$_=$line->{$_}" } grep { !ref $line->{$_}
             && defined $line->{$_} } sort keys %$line);
    }

    is(join("\n", @$wrong), '', "$file breaks no rule");
}


my $begin = time;
my $number = 0;
my @recent;

%counted = counters();

if ($replay ne '') {
    show($replay);
    done_testing;
    exit;
}

while (time < $begin + $seconds && @findings < FINDINGS) {
    my $exchange = ProfileTest::Fuzz::Make->exchange($seed, ++$number, @only);
    my ($wrong, $result) = try($exchange);

    push @recent, $exchange;
    found($exchange, 0, @$wrong) if @$wrong;

    next if @recent < COUNT_EVERY;

    find_miscounted(@recent) if miscounted();
    @recent = ();
}

push @findings, miscounted();
push @findings, '4 the forms of the status page differ'
    if sum_of_json() != sum0(values %counted);

my $took = time - $begin;

is(join("\n", @findings), '', "no rule is broken, seed $seed");

diag(sprintf '%-38s %d, %.0f', 'exchanges, and a second', $number,
     $number / $took);
diag(sprintf '%-38s %d', $_, $actions{$_}) for sort keys %actions;

done_testing;
