package ProfileTest::Guard;

# What the tests of the write guard share: a configuration that tells of each
# request what became of it, and the ways in which a body can travel.

use strict;
use warnings;

use Exporter 'import';
use Socket qw(unpack_sockaddr_in);
use Time::HiRes qw(time sleep);

use ProfileTest::Client;

our @EXPORT = qw(servers transports deliver outcome short send_read);


# Servers with the same locations, that differ in how nginx reads a body.

my @SERVERS = (
    '',
    '',
    'client_body_buffer_size 16;',
    'client_body_in_file_only clean;',
    'proxy_request_buffering off; proxy_http_version 1.1;',
    'client_body_in_single_buffer on;',
    'client_body_buffer_size 16; proxy_request_buffering off;',
);

my %HTTP2 = map { $_ => 1 } 1, 6;


# Each way: the server, and options of the request; with "pieces" the body is
# sent in pieces of that many bytes.

my @TRANSPORTS = (
    [ 'length',                 0 ],
    [ 'pieces of 7',            0, pieces => 7 ],
    [ 'chunks of 1',            0, ':chunks' => [1] ],
    [ 'chunks of 3',            0, ':chunks' => [3] ],
    [ 'tiny buffer',            2 ],
    [ 'tiny buffer, chunks',    2, ':chunks' => [1] ],
    [ 'file',                   3 ],
    [ 'file, chunks',           3, ':chunks' => [3] ],
    [ 'unbuffered',             4 ],
    [ 'unbuffered, chunks',     4, ':chunks' => [3] ],
    [ 'single buffer',          5 ],
    [ 'HTTP/2',                 1 ],
    [ 'HTTP/2, frames of 1',    1, ':frames' => [1] ],
    [ 'HTTP/2, tiny buffer',    6, ':frames' => [3] ],
    [ 'HTTP/2, length',         6, ':frames' => [5], length => 1 ],
);

sub transports { return map { $_->[0] } @TRANSPORTS }


# The servers, with these locations in each.

sub servers {
    my ($locations) = @_;

    my $text = '';

    for my $n (0 .. $#SERVERS) {
        my $listen = $HTTP2{$n} ? "%%LISTEN_HTTP2_$n%%"
                                : "listen 127.0.0.1:%%PORT_$n%%;";

        $text .= "    server {\n        $listen\n        $SERVERS[$n]\n"
                 . "        add_header X-Action \$profile_action always;\n"
                 . "        add_header X-Reason \$profile_reason always;\n"
                 . "        add_header X-Names"
                 . " \$profile_blocked_attributes always;\n"
                 . "$locations    }\n";
    }

    return $text;
}


# Sends a request in that way, returns the response.

sub deliver {
    my ($t, $transport, $method, $uri, $body, %headers) = @_;

    my ($way) = grep { $_->[0] eq $transport } @TRANSPORTS;
    my (undef, $server, %opt) = @$way;

    my $pieces = delete $opt{pieces};
    my $length = delete $opt{length};

    $opt{':port'} = $t->port($server);
    $opt{':body'} = $body if defined $body;

    if ($HTTP2{$server}) {
        $opt{'content-length'} = length $body if $length && defined $body;

        return $t->http2_request($method, $uri, %opt, %headers);
    }

    return $t->request($method, $uri, %opt, %headers) if !$pieces;

    my $client = $t->connect(port => $opt{':port'});
    my $text = ProfileTest::Client::request_text($method, $uri,
                                                 { body => $body }, %headers);
    my ($head, $rest) = $text =~ /\A(.*?\r\n\r\n)(.*)\z/s;

    $client->send($head, unpack "(a$pieces)*", $rest);

    my $res = $client->response(method => $method);

    $client->close;

    return $res;
}


# What became of a request: status, action, reason, and what the backend got of
# it, which is forgotten then.

sub outcome {
    my ($res, $backend) = @_;

    my @got = map { "[$_->{method} " . short($_->{body}) . ']' }
              $backend->requests;

    push @got, '[nothing]' if !@got && $backend->connections;

    $backend->forget;

    return join ' ', $res->status,
                (map { $res->header($_) // '-' } qw(X-Action X-Reason)), @got;
}


# A long text for people: its beginning and its length.

sub short {
    my ($text) = @_;

    return length $text > 200 ? substr($text, 0, 40) . '...' . length $text
                              : $text;
}


# Sends bytes, and waits until nginx has read them.

sub send_read {
    my ($client, $bytes) = @_;

    $client->send($bytes);

    my $socket = $client->socket;
    my ($port) = unpack_sockaddr_in(getsockname $socket);
    my ($peer) = unpack_sockaddr_in(getpeername $socket);

    # /proc/net/tcp as nginx sees it: local and remote address, state, bytes to
    # send and to read.

    my $line = sprintf '0100007F:%04X 0100007F:%04X', $peer, $port;
    my $until = time() + 20;

    while (time() < $until) {
        open my $fh, '<', '/proc/net/tcp' or die "/proc/net/tcp: $!";
        local $/;

        return 1 if <$fh> !~ /\Q$line\E [0-9A-F]+ [0-9A-F]+:([0-9A-F]+)/
                    || hex $1 == 0;

        sleep 0.001;
    }

    return 0;
}


1;
