#!/usr/bin/perl

# Proves that every sample of t/samples comes out of nginx as it should: to the
# byte, whatever the pieces in which the backend sends it and whatever the
# client; what is invalid as an error, never as v1.  It fails when the filter
# loses, repeats or reorders bytes anywhere between two buffers.

use lib 't/lib';
use ProfileTest;

use JSON::PP ();

my $t = ProfileTest->new(log => 'info');


# The samples

sub json { return JSON::PP->new->decode($t->read_file($_[0])) }

my $dir = $t->top . '/t/samples';
my %samples;

for my $pair (@{ json("$dir/manifest.json") }) {
    $samples{"pair/$pair->{name}"} = {
        rules    => join(' ', @{ $pair->{rules} }),
        in       => $t->read_file("$dir/$pair->{name}.v1.json"),
        out      => $t->read_file("$dir/$pair->{name}.v2.json"),
        action   => 'rewritten -',
        envelope => $pair->{envelope},
    };
}

for my $valid (@{ json("$dir/valid.json") }) {
    my $text = $t->read_file("$dir/valid/$valid->{name}.json");

    $samples{"valid/$valid->{name}"} = {
        rules => 'M1.4', in => $text, out => $text, action => 'passed no_users',
    };
}

for my $invalid (@{ json("$dir/invalid.json") }) {
    $samples{"invalid/$invalid->{name}"} = {
        rules  => $invalid->{reason} eq 'too_deep' ? 'M6.2' : 'M6.3',
        in     => $t->read_file("$dir/invalid/$invalid->{name}.json"),
        action => "failed $invalid->{reason}",
    };
}

# A pair that is the same before and after has no user, or a v2 one.

for my $name (grep { /^pair/ } keys %samples) {
    my $sample = $samples{$name};

    $sample->{action} = 'passed no_users'
        if $sample->{in} eq $sample->{out} && $name !~ /second-pass/;
}


# How they are sent, and to whom

my @modes = (
    { name => 'whole', framing => 'length', rule => 'M5.6' },
    { name => 'pieces', framing => 'length', rule => 'M5.6',
      answer => { piece => 1 }, conf => 'proxy_buffering off;',
      only => qr{/(?:m6-byte-order-mark|m1-envelope-escaped-name|m4-root
                     |m2-prefix-bare|string-surrogate-pair|cut-string-escape
                     |utf8-cut-three|trailing-brace)\z}x },
    { name => 'chunks', framing => 'length', rule => 'M5.6',
      answer => { framing => 'chunked', chunk => 1 } },
    { name => 'unbuffered', framing => 'length', rule => 'H3.1',
      answer => { framing => 'chunked', chunk => [ 1, 2, 3, 5, 8, 13 ] },
      conf => 'proxy_buffering off; proxy_buffer_size 512;' },
    { name => 'small', framing => 'length', rule => 'H3.1',
      conf => 'proxy_buffer_size 512; proxy_buffers 2 512;'
              . ' proxy_busy_buffers_size 512;' },
    { name => 'gzip', framing => 'length', rule => 'H2.4',
      answer => { gzip => 1 } },
    { name => 'old', framing => 'length', rule => 'H1.3', version => '1.0',
      answer => { framing => 'close', version => '1.0' } },
    { name => 'http2', framing => 'http2', rule => 'H1.3', http2 => 1 },
    { name => 'stream', framing => 'chunked', rule => 'H2.1',
      conf => 'profile_buffer_size 0;' },
    { name => 'dry', framing => 'length', rule => 'H4.1', dry => 1,
      conf => 'profile_rewrite_dry_run on;' },
);

my %modes = map { $_->{name} => $_ } @modes;

$t->backend({
    '*' => sub {
        my ($conn, $request) = @_;

        my ($mode, $name) = $request->{uri} =~ m{\A/(\w+)/\w+/(.*)\z};

        return { body => $samples{$name}{in},
                 %{ $modes{$mode}{answer} || {} } };
    },
});

my $locations = '';

for my $mode (@modes) {
    for my $envelope ('', 'users') {
        my $path = $envelope ? 'envelope' : 'plain';
        my $param = $envelope ? " envelope=$envelope" : '';

        $locations .= <<"END";
            location /$mode->{name}/$path/ {
                proxy_pass http://backend;
                profile_rewrite auth0$param;
                @{[ $mode->{conf} // '' ]}
            }
END
    }
}

$t->conf(<<"END");
    include profile/auth0.conf;

    log_format sample '\$uri \$profile_action \$profile_reason';

    upstream backend {
        server %%BACKEND%%;
        keepalive 4;
    }

    server {
        listen 127.0.0.1:%%PORT%%;
        %%LISTEN_HTTP2_1%%

        access_log %%DIR%%/samples.log sample;

        keepalive_requests 10000;
        proxy_http_version 1.1;
        proxy_set_header Connection "";

$locations
    }
END

$t->start;


# The requests: one connection, as long as it lasts

sub fetch {
    my ($mode, $uri, $client) = @_;

    if ($mode->{http2}) {
        $$client //= $t->http2;
        return $$client->response($$client->request('GET', $uri));
    }

    $$client = undef if $$client && $$client->eof;
    $$client //= $t->connect;

    my %opt = (version => $mode->{version});

    $$client->send(ProfileTest::Client::request_text(
        'GET', $uri, \%opt, Connection => 'keep-alive'));

    my $response = $$client->response;

    $$client->close unless $response->complete;

    return $response;
}


sub answer {
    my ($r) = @_;

    return join ' ', $r->status, $r->framing,
                ($r->complete ? 'whole' : 'cut'), $r->body;
}


sub expected {
    my ($mode, $sample) = @_;

    return join ' ', 200, $mode->{framing}, 'whole',
                $mode->{dry} ? $sample->{in} : $sample->{out}
        if $mode->{dry} || defined $sample->{out};

    # The header may or may not have left before the first byte was seen.

    return qr/\A\d+ \S* cut (?!.*(?:access_token|statusCode))/s
        if $mode->{name} eq 'stream';

    return qr/\A502\ $mode->{framing}\ whole\ \{"statusCode":502,
              "error":"Bad\ Gateway","message":"[^"]*\ at\ byte\ \d+\.",
              "errorCode":"invalid_upstream_profile"\}\z/x;
}


my %want;

for my $mode (@modes) {
    my $client;

    for my $name (sort keys %samples) {
        my $sample = $samples{$name};

        next if $mode->{only} && $name !~ $mode->{only};

        my $uri = join '/', '', $mode->{name},
                       $sample->{envelope} ? 'envelope' : 'plain', $name;
        my $got = answer(fetch($mode, $uri, \$client));
        my $want = expected($mode, $sample);
        my $title = "$sample->{rules} $mode->{rule} $mode->{name}: $name";

        ref $want ? like($got, $want, $title) : is($got, $want, $title);

        $want{$uri} = $sample->{action};

        $want{$uri} =~ s/rewritten/would_rewrite/ if $mode->{dry};
        $want{$uri} =~ s/failed/would_fail/ if $mode->{dry};
    }

    $client->close if $client;
}


# What was done, by the log of all of them

$t->stop;

my %got = $t->read_file('samples.log') =~ /^(\S+) (.*)$/mg;

for my $uri (sort keys %want) {
    is($got{$uri}, $want{$uri}, "H4.3 action and reason: $uri");
}

done_testing;
