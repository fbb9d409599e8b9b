#!/usr/bin/perl

# Proves that each walk is counted once, by how it ended, with the pages that v1
# was asked for, and that the access log tells the same in the one line of its
# request (U10.2): whether its total is exact, too.  It fails when a walk counts
# as another one, when a page is logged or counted as a request, or when a list
# that is one call counts as a walk.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Metrics;

use IO::Socket::INET;

my $t = ProfileTest->new(log => 'info');

sub deep { return $_[0] ? '[' . deep($_[0] - 1) . ']' : 1 }

# X-Users says how many users v1 has, X-Odd which page is odd, and how.

sub list {
    my ($conn, $request) = @_;

    my ($size) = $request->{uri} =~ /per_page=(\d+)/;
    my ($page) = $request->{uri} =~ /[?&]page=(\d+)/;
    my $users = $request->{headers}{'x-users'} // 25;
    my ($n, $odd) = split / /, $request->{headers}{'x-odd'} // '- -';

    my $first = $page * $size + 1;
    my $last = $first + $size - 1;

    $last = $users if $last > $users;

    my @users = map { qq({"user_id":"a|$_","plan":"p$_"}) } $first .. $last;

    $odd = '' if $n ne $page;
    $users[0] = '{"user_id":"a|x","x":' . deep(200) . '}' if $odd eq 'deep';

    my %answer = (body => '[' . join(',', @users) . ']',
                  headers => [ $last < $users ? (Link => '</n>; rel="next"')
                                              : (Link => '</p>; rel="prev"'),
                               $request->{headers}{'x-count'}
                                 ? ('X-Count' => $users) : () ]);

    $answer{body} = [ \$odd, $answer{body} ] if $odd =~ /^gate/;
    $answer{body} = '{}' if $odd eq 'object';
    $answer{cut} = 100 if $odd eq 'cut';
    $answer{status} = $odd if $odd =~ /^\d+$/;

    if ($odd eq 'mute') {
        $conn->drained;
        $conn->wait_close;
        return undef;
    }

    if ($odd eq 'close') {
        $conn->close;
        return undef;
    }

    return \%answer;
}

my $backend = $t->backend({ '/api/users' => \&list });
my $closed = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1');
my $nobody = $closed->sockport;

close $closed;

my $list = <<'END';
                proxy_pass http://profile_backend/api/users?per_page=50&page=0;
                profile_rewrite auth0 api=v2;
                profile_guard auth0 mode=v2;
                profile_list page=$arg_page per_page=$arg_per_page
                             totals=$arg_totals total=$upstream_http_x_count;
                add_header X-Walk $profile_walk_pages/$profile_total always;
END

my $walk = 'profile_walk /.page query=$arg_q sort=$arg_sort size=10 pages=3';
my $walk_nobody = 'profile_walk /.nobody query=$arg_q';
my $walk_none = 'profile_walk /.none query=$arg_q';
my $page = 'per_page=$profile_walk_size&page=$profile_walk_page';

my $conf = <<"END";
    include profile/auth0.conf;
    include profile/log.conf;

    upstream profile_backend {
        server %%BACKEND%%;
        keepalive 4;
    }

    profile_zone walks 64k;

    log_format walk '\$request_method \$uri|\$profile_walk_pages|'
                    '\$profile_walk_time|\$profile_total|\$upstream_status|'
                    '\$upstream_addr|\$profile_action \$profile_reason|'
                    '\$status';

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%
        profile_metrics walks;

        location /v2/ {
            access_log %%DIR%%/walk.log walk;

            location /v2/users     { $list $walk walks=1; }
            location /v2/time      { $list $walk time=150ms; }
            location /v2/mute      { $list $walk; }
            location /v2/streams   { $list $walk; profile_buffer_size 0; }
            location /v2/count     { $list $walk count=walk; }
            location /v2/two       { $list $walk parallel=2; }
            location /v2/sorted    { $list $walk; profile_sort_buffer 300; }
            location /v2/nobody    { $list $walk_nobody; }
            location /v2/none      { $list $walk_none; }
            location /v2/dry       { $list $walk; profile_rewrite_dry_run on; }
        }

        location = /.page {
            internal;
            proxy_method GET;
            proxy_cache off;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_read_timeout 400ms;
            proxy_pass http://profile_backend/api/users?$page;

            access_log %%DIR%%/walk.log walk;
            profile_rewrite auth0 api=v2;
        }

        location = /.nobody {
            internal;
            proxy_pass http://127.0.0.1:$nobody;
        }

        location = /.none {
            internal;
            return 403;
        }

        location = /metrics {
            access_log off;
            profile_status prometheus;
        }
    }
END

$t->conf($conf);
$t->start;

my @results = qw(full end error limit busy timeout failed client);
my @names = qw(call pages time total upstream addr said status);
my ($lines, %last) = (0);

# The line that has been added to the log, and what the counters have gained.

sub line {
    my @lines;

    $t->wait(sub {
        @lines = split /\n/, $t->read_file('walk.log');
        return @lines > $lines;
    });

    my %line;

    @line{@names} = split /\|/, $lines[$lines];
    $lines++;

    return \%line;
}

sub gained {
    my $m = ProfileTest::Metrics->of($t);
    my %now = map { $_ => $m->sum('walks_total', result => $_) } @results;

    $now{pages} = $m->sum('walk_pages_total');
    $now{requests} = $m->sum('requests_total');

    my %gained = map { $_ => $now{$_} - ($last{$_} // 0) } keys %now;

    %last = %now;
    delete @gained{ grep { !$gained{$_} } keys %gained };

    return \%gained;
}

sub walked {
    my ($name, $result, $pages, %more) = @_;

    my $line = line();
    my %gained = (requests => 1);

    $gained{$result} = 1 if $result;
    $gained{pages} = $pages if $pages;

    is_deeply(gained(), \%gained, "$name: counted");
    is($line->{pages}, $pages || '-', "$name: pages");
    like($line->{time}, $pages ? qr/^\d+\.\d{3}$/ : qr/^-$/, "$name: time");
    is($line->{total}, $more{total} // '-', "$name: total");

    for (grep { $_ ne 'total' } sort keys %more) {
        is($line->{$_}, $more{$_}, "$name: $_");
    }

    return $line;
}

is_deeply(gained(), {}, 'nothing yet');

my @one = (upstream => 200, addr => $backend->addr);
my $all = 'q=_exists_:user_id';


# one row for each way to end

for (
    [ 'a full page', "users?$all&per_page=10", {}, 'full', 1, @one,
      said => 'rewritten -' ],
    [ 'a full second page', "users?$all&per_page=10&page=1", {}, 'full', 2,
      @one ],
    [ 'the end', "users?$all", {}, 'end', 3, @one ],
    [ 'the end, nobody', 'users?q=user_id:x', {}, 'end', 3, @one ],
    [ 'the end, no users at all', "users?$all", { 'X-Users' => 0 }, 'end', 1 ],
    [ 'the end, sorted', 'users?sort=plan:1', {}, 'end', 3 ],
    [ 'the end, streamed', "streams?$all", {}, 'end', 3, @one ],
    [ 'the end, two at a time', "two?$all", {}, 'end', 3, @one ],
    [ 'pages=', "users?$all", { 'X-Users' => 31 }, 'limit', 3, @one,
      status => 400, said => 'failed search_limit' ],
    [ 'pages=, streamed', "streams?$all", { 'X-Users' => 31 }, 'limit', 3,
      status => 200, said => 'failed search_limit' ],
    [ 'profile_sort_buffer', 'sorted?sort=plan:1', {}, 'limit', 1,
      status => 400 ],
    [ 'v1 refuses', "users?$all", { 'X-Odd' => '0 401' }, 'error', 1,
      upstream => 401, status => 401 ],
    [ 'v1 has a fault', "users?$all", { 'X-Odd' => '0 500' }, 'error', 1,
      upstream => 500, status => 502 ],
    [ 'v1 says 504', "users?$all", { 'X-Odd' => '0 504' }, 'error', 1,
      upstream => 504, status => 504 ],
    [ 'a fault on page 1', "users?$all", { 'X-Odd' => '1 500' }, 'failed', 2,
      @one, status => 502 ],
    [ 'page 0 is cut', "users?$all", { 'X-Odd' => '0 cut' }, 'failed', 1,
      @one, status => 502 ],
    [ 'page 1 is cut', "users?$all", { 'X-Odd' => '1 cut' }, 'failed', 2,
      @one ],
    [ 'page 1 is cut, streamed', "streams?$all", { 'X-Odd' => '1 cut' },
      'failed', 2, status => 200 ],
    [ 'page 0 is no list', "users?$all", { 'X-Odd' => '0 object' }, 'failed',
      1, status => 502 ],
    [ 'page 1 is no list', "users?$all", { 'X-Odd' => '1 object' }, 'failed',
      2, status => 502 ],
    [ 'page 0 has no header', "users?$all", { 'X-Odd' => '0 close' },
      'failed', 1, status => 502 ],
    [ 'nobody listens', "nobody?$all", {}, 'failed', 1, status => 502 ],
    [ 'the pages are forbidden', "none?$all", {}, 'failed', 1,
      status => 403 ],
    [ 'v1 is slow, page 0', "mute?$all", { 'X-Odd' => '0 mute' }, 'timeout',
      1, status => 504 ],
    [ 'v1 is slow, page 1', "mute?$all", { 'X-Odd' => '1 mute' }, 'timeout',
      2, @one, status => 504, said => 'failed timeout' ],
    [ 'time=, page 0', "time?$all", { 'X-Odd' => '0 mute' }, 'timeout', 1,
      status => 504, said => 'failed timeout' ],
    [ 'time=, page 1', "time?$all", { 'X-Odd' => '1 mute' }, 'timeout', 2,
      @one, status => 504 ],
    [ 'no walk: one call', 'users', {}, '', 0, @one ],
    [ 'no walk: a bad query', 'users?q=a%20b', {}, '', 0, status => 400,
      said => 'blocked query', upstream => '-' ],
    [ 'no walk: a dry run', "dry?$all", {}, '', 0 ],

    # U5.2, U10.4: what the total is

    [ 'total of a walk', "users?$all&totals=true", {}, 'end', 3,
      total => 'exact' ],
    [ 'total of a walk of nobody', 'users?q=user_id:x&totals=true', {}, 'end',
      3, total => 'exact' ],
    [ 'total of a page of a walk', "users?$all&totals=true&per_page=5", {},
      'end', 3, total => 'exact' ],
    [ 'total by a walk', 'count?totals=true', {}, 'end', 3,
      total => 'exact' ],
    [ 'total without one who cannot be read', "users?$all&totals=true",
      { 'X-Odd' => '1 deep' }, 'end', 3, total => 'bound' ],
    [ 'total of a walk that fails', "users?$all&totals=true",
      { 'X-Odd' => '1 500' }, 'failed', 2 ],
    [ 'total of one call', 'users?totals=true', {}, '', 0,
      total => 'bound' ],
    [ 'total of one call, counted by v1', 'users?totals=true',
      { 'X-Count' => 1 }, '', 0, total => 'exact' ],
    [ 'total in a dry run', 'dry?totals=true', {}, '', 0 ],
) {
    my ($name, $path, $headers, @expected) = @$_;

    $backend->forget;
    $t->get("/v2/$path", %$headers);

    my $line = walked($name, @expected);

    cmp_ok($line->{time}, '>=', 0.1, "$name: it took so long")
        if $expected[0] eq 'timeout';
}

my $m = ProfileTest::Metrics->of($t);

is_deeply([ grep { !$m->sum('walks_total', result => $_) } @results ],
          [ qw(busy client) ], 'the rest');


# HEAD asks v1's list for its header

$t->head("/v2/users?$all");
walked('HEAD', '', 0);


# too many at a time

sub start {
    my ($path, @headers) = @_;

    my $c = $t->connect;

    $backend->forget;
    $c->send(join "\r\n", "GET /v2/$path HTTP/1.1", 'Host: x', @headers,
             'Connection: close', '', '');
    $backend->wait_requests(1);

    return $c;
}

my $c = start("users?$all", 'X-Odd: 0 gatebusy');

is($t->get("/v2/users?$all")->status, 429, 'walks=1');
walked('walks=1', 'busy', 0, upstream => '-', said => 'blocked busy');

$backend->open_gate('gatebusy');
is($c->response->status, 200, 'the walk before');
walked('the walk before', 'end', 3, @one);


# the client leaves, before there is a header and behind it

for ([ '0 mute', 1 ], [ '1 mute', 2 ]) {
    my ($odd, $pages) = @$_;

    $c = start("streams?$all", "X-Odd: $odd");
    $backend->wait_requests($pages);
    $c->close;

    walked("the client leaves, page $odd", 'client', $pages,
           said => 'failed client');
}

$backend->forget;

my $h2 = $t->http2;
my $id = $h2->request('GET', "/v2/streams?$all", 'X-Odd' => '1 mute');

$backend->wait_requests(2);
$h2->rst($id, 8);
walked('the client resets its stream', 'client', 2);
$h2->close;


# what is known when the header leaves

is($t->get("/v2/users?$all&totals=true")->header('X-Walk'), '3/exact',
   'in a header');
line();
gained();


# One line for each request, whatever pages it was made of; a reload keeps what
# was counted.

is(scalar(() = $t->read_file('walk.log') =~ m{ /\.}g), 0, 'log: no pages');
is(scalar(split /\n/, $t->read_file('walk.log')), $lines,
   'log: a line for each request');

my $before = ProfileTest::Metrics->of($t);

is($before->sum('requests_total'), $lines, 'requests: no pages');

my @workers = $t->workers;

$t->reload;
$t->wait_gone(@workers);

my $after = ProfileTest::Metrics->of($t);

for my $name (qw(walks_total walk_pages_total)) {
    is($after->sum($name), $before->sum($name), "a reload: $name");
}

$t->get("/v2/users?$all");
walked('after it', 'end', 3);


done_testing;
