#!/usr/bin/perl

# Proves what profile_status shows: text that promtool has nothing to say of,
# JSON that fits its schema, a page that is whole, each chosen as asked, all
# three with the same numbers, and every series there from the first scrape on.
# The checkers are checked: what they must find is shown to them, too.

use lib 't/lib';
use ProfileTest;
use ProfileTest::Metrics;

use JSON::PP qw(decode_json);
use JSON::Validator;

my $t = ProfileTest->new;

$t->backend({ '*' => { body => '[{"user_id":"auth0|1","hobby":"x"},'
                               . '{"user_id":"acme|2"}]' } });

$t->conf(<<'END');
    include profile/auth0.conf;
    profile_zone "zone \"1\"" 128k key=$http_x_key;
    profile_zone plain 64k;
    profile_zone unused 64k;

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        location /api/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
            profile_metrics plain;
        }

        location /keyed/ {
            proxy_pass http://%%BACKEND%%;
            profile_rewrite auth0;
            profile_guard auth0 mode=v2;
            profile_metrics "zone \"1\"";
        }

        location = /metrics    { profile_status; }
        location = /prometheus { profile_status prometheus; }
        location = /json       { profile_status json; }
        location = /html       { profile_status html; }

        location = /ssi {
            ssi on;
            default_type text/html;
            return 200 '[<!--#include virtual="/json"-->]';
        }
    }
END

$t->start;

sub promtool {
    my ($text) = @_;

    my $file = $t->write_file('metrics.txt', $text);
    my $out = qx{promtool check metrics < $file 2>&1};

    return ($? >> 8, $out);
}

my $validator = JSON::Validator->new;

$validator->schema('file://' . $t->top . '/docs/status.schema.json');

# The first scrape.

my $r = $t->get('/metrics');

is($r->status, 200, 'text: status');
is($r->header('Content-Type'), 'text/plain; version=0.0.4; charset=utf-8',
   'text: type');
is($r->header('Content-Length'), length $r->body, 'text: exact length');
is($r->header('Vary'), 'Accept', 'text: what it depends on');

my ($rc, $out) = promtool($r->body);

is($rc, 0, 'promtool: passes');
is($out, '', 'promtool: without a word');

my $first = ProfileTest::Metrics->parse($r->body);

is($first->sum('requests_total'), 0, 'first scrape: all is zero');
is($first->sum('build_info'), 1, 'first scrape: but the build');

my %at_start = (
    'requests_total'               => [ action => 'rewritten' ],
    'requests_total failed'        => [ action => 'failed',
                                        reason => 'truncated' ],
    'requests_total blocked'       => [ action => 'blocked',
                                        reason => 'attributes' ],
    'requests_total would_fail'    => [ action => 'would_fail',
                                        reason => 'client' ],
    'requests_total passed'        => [ action => 'passed',
                                        reason => 'status' ],
    'requests_total upgraded'      => [ action => 'upgraded' ],
    'users_total'                  => [],
    'attributes_moved_total'       => [ container => 'user_metadata' ],
    'conflicts_total'              => [],
    'body_bytes_total'             => [ direction => 'out' ],
    'rewrite_seconds_bucket'       => [ le => '1e-05' ],
    'rewrite_seconds_sum'          => [],
    'rewrite_seconds_count'        => [],
    'writes_total'                 => [ result => 'blocked',
                                        reason => 'reserved' ],
    'writes_total invalid'         => [ result => 'invalid',
                                        reason => 'invalid_json' ],
    'writes_total allowed'         => [ result => 'allowed' ],
    'blocked_attributes_total'     => [ attribute => 'other' ],
    'unknown_provider_users_total' => [],
    'unreadable_users_total' => [],
    'walks_total'                  => [ result => 'full' ],
    'walks_total limit'            => [ result => 'limit' ],
    'walk_pages_total'             => [],
    'requests_total given up'      => [ action => 'failed',
                                        reason => 'search_limit' ],
    'requests_total busy'          => [ action => 'blocked',
                                        reason => 'busy' ],
    'calls_total'                  => [ kind => 'metadata',
                                        result => 'failed' ],
);

for my $name (sort keys %at_start) {
    my ($family) = split / /, $name;

    is($first->sum($family, zone => 'unused', key => '',
                   @{ $at_start{$name} }), 0, "first scrape: $name");
}

# No action has reasons of another one, nor a verdict.

my %odd = map { join(' ', @{ $_->{labels} }{qw(action reason)}) => 1 }
          $first->samples('requests_total', zone => 'unused');

is_deeply([ grep { $odd{$_} } 'rewritten status', 'passed invalid_json',
            'failed attributes', 'blocked upstream', 'blocked late_user',
            'would_block type', 'blocked timeout', 'failed busy',
            'would_fail timeout', 'would_block busy' ], [],
          'first scrape: nothing impossible');
is(scalar $first->samples('writes_total', reason => 'attributes',
                          zone => 'unused'), 1,
   'first scrape: a reason has one verdict');
is_deeply([ map { $_->{labels}{le} }
            $first->samples('rewrite_seconds_bucket', zone => 'unused') ],
          [ qw(1e-05 5e-05 0.0001 0.0005 0.001 0.005 0.01 0.05 0.1 0.5
               +Inf) ], 'first scrape: buckets');

# Families stand together, with one head.

my @families = $r->body =~ /^(?:# (?:HELP|TYPE) )?(profile_\w+)/mg;
my (@order, %heads);

for my $name (@families) {
    my $family = $name =~ s/_seconds\K_(?:bucket|sum|count)\z//r;

    push @order, $family if !@order || $order[-1] ne $family;
}

$heads{$_}++ for $r->body =~ /^(# (?:HELP|TYPE) \w+)/mg;

my %once;

is_deeply([ grep { $once{$_}++ } @order ], [], 'text: families together');
is(scalar @order, 16, 'text: sixteen families');
is_deeply([ grep { $_ > 1 } values %heads ], [], 'text: a head once');
is(scalar keys %heads, 32, 'text: HELP and TYPE each');

# promtool is awake.

my ($bad) = promtool("profile_things 1\n");

isnt($bad, 0, 'promtool: finds what is wrong');

# Traffic.

$t->get('/api/u');
$t->get('/keyed/u', 'X-Key' => 'a"b\\c');
$t->request('POST', '/keyed/u', 'X-Key' => "caf\xc3\xa9 <&>",
            ':body' => '{"last_login":1,"invented":2}',
            'Content-Type' => 'application/json');

my $m;

$t->wait(sub {
    $m = ProfileTest::Metrics->of($t);
    return $m->sum('requests_total') >= 3;
});

is($m->sum('requests_total'), 3, 'traffic');

($rc, $out) = promtool($m->text);

is($rc, 0, 'promtool: passes with numbers');
is($out, '', 'promtool: without a word then, too');

is($m->sum('users_total', zone => 'zone "1"', key => 'a"b\\c'), 2,
   'text: quotes and backslashes are escaped');
is($m->sum('requests_total', key => "caf\xc3\xa9 <&>", action => 'blocked'),
   1, 'text: UTF-8 as it is');
is($m->sum('unknown_provider_users_total', zone => 'plain'), 1,
   'text: users of an unknown provider');

# JSON.

sub errors { return map { "$_" } $validator->validate($_[0]) }

my $res = $t->get('/json');

is($res->header('Content-Type'), 'application/json', 'JSON: type');
is($res->header('Content-Length'), length $res->body, 'JSON: exact length');
ok(!defined $res->header('Vary'), 'JSON: depends on nothing');

my $json = decode_json($res->body);

is_deeply([ errors($json) ], [], 'JSON: fits the schema');

for my $wrong (
    [ 'a negative number', sub {
        $_[0]{zones}{plain}{keys}{''}{users_total} = -1 } ],
    [ 'a missing family', sub {
        delete $_[0]{zones}{plain}{keys}{''}{calls_total} } ],
    [ 'one too many', sub { $_[0]{zones}{plain}{more} = 1 } ],
    [ 'a text', sub {
        $_[0]{zones}{plain}{keys}{''}{requests_total}{failed}{client}
            = 'x' } ],
) {
    my $copy = decode_json($res->body);

    $wrong->[1]->($copy);
    isnt(scalar errors($copy), 0, "JSON: the schema forbids $wrong->[0]");
}

my $key = $json->{zones}{'zone "1"'}{keys}{"caf\x{e9} <&>"};

is($key->{requests_total}{blocked}{attributes}, 1, 'JSON: a number');
is($key->{blocked_attributes_total}{last_login}, 1, 'JSON: an attribute');
is($key->{blocked_attributes_total}{other}, 1, 'JSON: another one');
is($json->{zones}{plain}{keys}{''}{users_total}, 2, 'JSON: users');

# The same numbers as in the text.

my %text = map {
    my $l = $_->{labels};

    join('|', $_->{name} =~ s/\Aprofile_//r, $l->{zone}, $l->{key},
         map { $l->{$_} // () } qw(action kind result container direction
                                   attribute reason)) => $_->{value}
} grep { $_->{name} =~ /_total\z/ } ProfileTest::Metrics->of($t)->all;

my %tree;

sub walk {
    my ($node, @path) = @_;

    if (ref $node) {
        walk($node->{$_}, @path, $_) for keys %$node;

    } else {
        utf8::encode($_) for @path;
        $tree{ join '|', @path } = $node;
    }
}

for my $zone (keys %{ $json->{zones} }) {
    my $keys = $json->{zones}{$zone}{keys};

    for my $key (keys %$keys) {
        walk($keys->{$key}{$_}, $_, $zone, $key)
            for grep { /_total\z/ } keys %{ $keys->{$key} };
    }
}

is_deeply(\%tree, \%text, 'JSON: the numbers of the text');

# HTML.

$res = $t->get('/html');

is($res->header('Content-Type'), 'text/html; charset=utf-8', 'HTML: type');
is($res->header('Content-Length'), length $res->body, 'HTML: exact length');
like($res->body, qr/caf\xc3\xa9 &lt;&amp;&gt;/, 'HTML: escaped');
unlike($res->body, qr/<(?:script|link|img)/i, 'HTML: nothing else to load');
like($res->body, qr{<td>blocked attributes</td><td>1</td>}, 'HTML: a number');
unlike($res->body, qr{<td>0</td>}, 'HTML: no zeros');

my @open;

for my $tag ($res->body =~ m{<(/?[a-z]\w*)[^>]*>}g) {
    next if $tag =~ /\A(?:meta|html)\z/;

    if ($tag =~ m{\A/(.*)}) {
        pop @open if @open && $open[-1] eq $1;

    } else {
        push @open, $tag;
    }
}

is_deeply(\@open, [], 'HTML: each tag is closed in its turn');

# Which form.

sub form {
    my ($uri, %headers) = @_;

    my $type = $t->get($uri, %headers)->header('Content-Type') // '';

    return $type =~ /version=0/ ? 'text' : $type =~ /json/ ? 'json'
           : $type =~ /html/ ? 'html' : $type;
}

my @accepts = (
    ''                                             => 'text',
    '*/*'                                          => 'text',
    'text/plain'                                   => 'text',
    'application/json'                             => 'json',
    'APPLICATION/JSON'                             => 'json',
    'text/html,application/xhtml+xml,*/*;q=0.8'    => 'html',
    'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;'
    . 'q=0.5,*/*;q=0.1'                            => 'text',
    'text/html;q=0.5, application/json;q=0.9'      => 'json',
    'text/html;q=0.5 , application/json ; q=0.4'   => 'html',
    'text/html; level=1; q=0.2, application/json;q=0.1' => 'html',
    'text/html;q=0, */*;q=0.1'                     => 'text',
    'text/html, application/json'                  => 'html',
    'application/*'                                => 'json',
    'text/*;q=0.1, application/json;q=0.2'         => 'json',
    'image/png'                                    => 'text',
    'text'                                         => 'text',
    'xy*, text/html;x='                            => 'html',
    'text/html;q=0.1 , application/json;r=1'       => 'json',
    'text/html;q=2000000000000, text/*'            => 'text',
    ',;,;q=,application/json'                      => 'json',
    '*'                                            => 'text',
);

while (my ($accept, $form) = splice @accepts, 0, 2) {
    is(form('/metrics', $accept eq '' ? () : ('Accept' => $accept)), $form,
       "Accept: $accept");
}

my $client = $t->connect;

$client->send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n"
              . "Accept: text/html;q=0.1\r\naccept: application/json\r\n\r\n");
like($client->response->header('Content-Type'), qr/json/, 'Accept: two lines');

is(form('/metrics?format=json', 'Accept' => 'text/html'), 'json',
   'format: goes before Accept');
is(form('/metrics?format=html'), 'html', 'format: html');
is(form('/metrics?format=prometheus', 'Accept' => 'text/html'), 'text',
   'format: prometheus');
is($t->get('/metrics?format=xml')->status, 400, 'format: unknown');
is($t->get('/metrics?format=')->status, 400, 'format: empty');
is(form('/json?format=html', 'Accept' => 'text/html'), 'json',
   'format: the directive goes before all');
is(form('/prometheus', 'Accept' => 'text/html'), 'text',
   'format: so it does for text');

# Methods.

for my $uri ('/metrics', '/json', '/html') {
    my $head = $t->head($uri);
    my $get = $t->get($uri);

    is($head->status, 200, "HEAD: $uri");
    is($head->header('Content-Length'), length $get->body,
       "HEAD: length of $uri");
    is($head->body, '', "HEAD: no body of $uri");
}

for my $method (qw(POST PUT DELETE PATCH OPTIONS)) {
    is($t->request($method, '/metrics', ':body' => 'x')->status, 405,
       "405: $method");
}

$client = $t->connect;

$client->send("GET /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
              . "\r\nhello", "GET /html HTTP/1.1\r\nHost: localhost\r\n\r\n");

like($client->response->header('Content-Type'), qr/json/, 'body: discarded');
like($client->response->header('Content-Type'), qr/html/,
     'body: the next request is read');

# Neighbors.

is($t->http2_request('GET', '/json')->status, 200, 'HTTP/2');
is(scalar @{ decode_json($t->get('/ssi')->body) }, 1, 'a subrequest');
like($t->get('/metrics', ':version' => '1.0')->body, qr/^profile_build_info/m,
     'HTTP/1.0');

done_testing;
