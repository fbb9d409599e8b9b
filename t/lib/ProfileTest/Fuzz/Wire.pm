package ProfileTest::Fuzz::Wire;

# Both sides of nginx in one process, so that an exchange of t/fuzz-http.pl is
# the same each time: the client that does one step after another, and the
# backend that records requests and gives the answers of the exchange.  A third
# connection tells how far nginx is: what was sent before its turn was read.

use strict;
use warnings;

use Errno qw(EAGAIN EINTR);
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER IPPROTO_TCP TCP_NODELAY SOMAXCONN);
use Time::HiRes qw(time);

use ProfileTest::Client;


# Options: patience, in seconds; later, by nginx(), the port of stub_status.

sub new {
    my ($class, %opt) = @_;

    my $listen = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp',
        Listen => SOMAXCONN, ReuseAddr => 1) or die "backend: $!";

    $listen->blocking(0);

    return bless { %opt, listen => $listen, connections => {}, turns => 0,
                   active => 1, events => 0, seen => [] }, $class;
}


sub addr { return '127.0.0.1:' . $_[0]{listen}->sockport }


sub nginx {
    my ($self, $port) = @_;

    $self->{turn_port} = $port;
    $self->_turn_connect;
}


# Does an exchange: { http, port, rcvbuf, client, answers }.  The client's steps
# are [ send => BYTES ], [ 'turn' ], [ 'quiet' ], [ read => METHOD, STREAM ],
# [ rest => METHODS ], [ 'shutdown' ], [ 'abort' ].  The answers are lists by
# the kind of the request: { pieces, end => keep, close, reset or stall, early
# }.  Returns { responses, seen, hung, broken, took }.

sub run {
    my ($self, $exchange) = @_;

    my $begin = time;
    my $result = { responses => [], hung => '', broken => '' };

    @{$self}{qw(exchange seen given)} = ($exchange, [], {});

    my $client = ProfileTest::Fuzz::Client->new(
        wire => $self, port => $exchange->{port},
        rcvbuf => $exchange->{rcvbuf}, patience => $self->{patience});
    my $reader = $exchange->{http} == 2
                 ? ProfileTest::Fuzz::HTTP2->new($client) : undef;

    for my $step (@{ $exchange->{client} }) {
        last if !eval { $self->_step($step, $client, $reader, $result); 1 };
    }

    $result->{broken} = $@ if $@ ne '';

    $client->close;

    my $until = time + $self->{patience};

    do {
        $self->turn;
    } until ($self->{active} <= 1 || time > $until);

    $result->{hung} ||= 'nginx does not end a request' if $self->{active} > 1;

    # What nginx may use again stays.

    for my $conn (values %{ $self->{connections} }) {
        $self->_drop($conn) if !$conn->{clean} || $result->{hung} ne '';
    }

    @{$result}{qw(seen took)} = ($self->{seen}, time - $begin);

    return $result;
}


sub _step {
    my ($self, $step, $client, $reader, $result) = @_;

    my ($what, $value, $stream) = @$step;

    if ($what eq 'send') {
        $client->send($value =~ s/\@ETAG\@/$self->{etag} \/\/ '"e"'/ger);

    } elsif ($what eq 'turn') {
        $self->turn;

    } elsif ($what eq 'quiet') {
        $self->_quiet;

    } elsif ($what eq 'read') {
        my $r = $reader ? $reader->of($stream, $value)
                        : $client->response(method => $value);

        $self->{etag} = $r->header('ETag');
        $result->{hung} ||= 'no end of a response' if $r->timed_out;

        push @{ $result->{responses} }, $r if $r->status;

    } elsif ($what eq 'rest') {
        push @{ $result->{responses} },
             $reader ? $reader->rest
                     : $client->rest_of_them(split ' ', $value // 'GET');
        $result->{hung} ||= 'no end of the connection' if !$client->eof;

    } elsif ($what eq 'shutdown') {
        $client->shutdown_write;

    } elsif ($what eq 'abort') {
        $client->abort;

    } else {
        die "unknown step $what";
    }
}


# Waits until nothing happens any more.

sub _quiet {
    my ($self) = @_;

    my $quiet = 0;
    my $until = time + $self->{patience};

    while ($quiet < 2 && time < $until) {
        my $events = $self->{events};

        $self->turn;

        my $busy = grep { @{ $_->{queue} } } values %{ $self->{connections} };

        $quiet = $self->{events} == $events && !$busy ? $quiet + 1 : 0;
    }
}


# One turn of nginx: it has read what was sent before.

sub turn {
    my ($self) = @_;

    my $goal = $self->_next_turn;
    my $until = time + 3 * $self->{patience};

    while ($self->{turns} < $goal) {
        die "nginx does not turn any more\n" if time > $until;

        $self->_ask_turn;
        $self->pump(1);
    }
}


sub _next_turn {
    my ($self) = @_;

    return $self->{turns} + ($self->{asked} ? 2 : 1);
}


sub _ask_turn {
    my ($self) = @_;

    return if $self->{asked};

    syswrite $self->{turn_socket}, "GET /turn HTTP/1.1\r\nHost: turn\r\n\r\n";
    $self->{asked} = 1;
}


sub _turn_connect {
    my ($self) = @_;

    $self->{turn_socket} = IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $self->{turn_port}, Proto => 'tcp')
        or die "connect to nginx: $!";
    setsockopt($self->{turn_socket}, IPPROTO_TCP, TCP_NODELAY, pack 'i', 1);

    $self->{turn_socket}->blocking(0);
    $self->{turn_buf} = '';
    $self->{asked} = 0;
}


sub _turned {
    my ($self) = @_;

    my $n = sysread $self->{turn_socket}, $self->{turn_buf}, 4096,
                    length $self->{turn_buf};

    return if !defined $n && ($! == EAGAIN || $! == EINTR);

    # A worker is gone.

    return $self->_turn_connect if !$n;

    # A connection that waits for a request has none; nginx itself may leave one
    # to wait that is broken.

    if ($self->{turn_buf} =~ /^Active connections: (\d+).*Waiting: (\d+)/ms) {
        $self->{active} = $1 - $2;
        $self->{turn_buf} = '';
        $self->{asked} = 0;
        $self->{turns}++;
    }
}


# Waits for something to happen, and does what there is to do for it.

sub pump {
    my ($self, $timeout, $client, $writing) = @_;

    my ($read, $write) = ('', '');
    my %by = map { fileno($_->{socket}) => $_ }
             values %{ $self->{connections} };

    vec($read, $_, 1) = 1 for keys %by, fileno($self->{listen}),
                              fileno($self->{turn_socket});
    vec($write, $_, 1) = 1 for grep { $by{$_}{rest} ne '' } keys %by;
    vec($read, fileno($client), 1) = 1 if $client;
    vec($write, fileno($client), 1) = 1 if $client && $writing;

    select($read, $write, undef, $timeout) > 0 or return;

    $self->_turned if vec $read, fileno($self->{turn_socket}), 1;
    $self->{events}++ if $client && vec $read, fileno($client), 1;
    $self->_accept if vec $read, fileno($self->{listen}), 1;

    for my $fd (sort keys %by) {
        $self->_readable($by{$fd}) if vec $read, $fd, 1;
        $self->_write($by{$fd}) if vec $write, $fd, 1;
    }

    $self->_advance($_) for values %{ $self->{connections} };
}


# The backend

sub _accept {
    my ($self) = @_;

    while (my $socket = $self->{listen}->accept) {
        setsockopt($socket, IPPROTO_TCP, TCP_NODELAY, pack 'i', 1);
        $socket->blocking(0);

        $self->{events}++;
        $self->{connections}{"$socket"} = {
            socket => $socket, buf => '', rest => '', queue => [], due => 0,
            end => '', clean => 1,
        };
    }
}


sub _drop {
    my ($self, $conn) = @_;

    delete $self->{connections}{"$conn->{socket}"};
    close $conn->{socket};
    $conn->{queue} = [];
    $conn->{end} = 'gone';
}


sub _readable {
    my ($self, $conn) = @_;

    my $n = sysread $conn->{socket}, $conn->{buf}, 262144, length $conn->{buf};

    return if !defined $n && ($! == EAGAIN || $! == EINTR);

    $self->{events}++;

    if (!$n) {
        if ($conn->{buf} ne '') {
            $self->_record($conn, 0, $conn->{buf}, '');
            $self->{seen}[-1]{answer} = $conn->{answer} if $conn->{early};
        }

        return $self->_drop($conn);
    }

    1 while $conn->{end} ne 'gone' && $self->_request($conn);
}


# Takes a request out of what has come: true if it is there as a whole.

sub _request {
    my ($self, $conn) = @_;

    my ($head, $rest) = $conn->{buf} =~ /\A(.*?\r\n)\r\n(.*)\z/s or return 0;

    if (!$conn->{early}) {
        my $answer = $self->_pick($head);

        if ($answer->{early}) {
            $conn->{early} = 1;
            $conn->{answer} = $answer;
            $self->_answer($conn, $answer);

            if ($conn->{end} eq 'gone') {
                $self->_record($conn, 0, $head, '');
                $self->{seen}[-1]{answer} = $answer;
                return 0;
            }
        }

        $conn->{answer} = $answer;
    }

    my $body = '';

    if ($head =~ /^Transfer-Encoding:/mi) {
        ($body, $rest) = _dechunk($rest) or return 0;

    } elsif ($head =~ /^Content-Length: *(\d+)/mi) {
        return 0 if length $rest < $1;
        $body = substr $rest, 0, $1, '';
    }

    $conn->{buf} = $rest;
    $self->_record($conn, 1, $head, $body);
    $self->{seen}[-1]{answer} = $conn->{answer};
    $self->_answer($conn, $conn->{answer}) if !delete $conn->{early};
    delete $conn->{answer};

    return 1;
}


sub _dechunk {
    my ($text) = @_;

    my $body = '';

    while ($text =~ s/\A([0-9a-fA-F]+)\r\n//) {
        my $size = hex $1;

        return if length $text < $size + 2;

        $body .= substr $text, 0, $size, '';
        substr $text, 0, 2, '';

        return ($body, $text) if $size == 0;
    }

    return;
}


sub _record {
    my ($self, $conn, $complete, $head, $body) = @_;

    my ($method, $uri) = $head =~ /\A(\S*) (\S*)/;
    my ($id) = $head =~ /^X-Fuzz:[ ]*(.*?)[ ]*\r$/mi;

    push @{ $self->{seen} }, { method => $method // '', uri => $uri // '',
                               head => $head, body => $body, id => $id // '',
                               complete => $complete,
                               answer => { pieces => [] } };
}


# What a request is, as far as one can see from its first line.

sub _kind {
    my ($head) = @_;

    my ($method, $path) = $head =~ /\A(\S+) ([^\s?]*)/ or return 'other';

    return 'bag' if $method eq 'GET' && $path =~ m{/metadata\z};
    return 'read' if $method eq 'GET' || $method eq 'HEAD';
    return 'create' if $method eq 'POST';
    return 'write' if $method eq 'PUT' || $method eq 'PATCH';
    return 'other';
}


sub _pick {
    my ($self, $head) = @_;

    my $kind = _kind($head);
    my $answers = $self->{exchange}{answers};

    $kind = 'any' if !$answers->{$kind};

    my @list = @{ $answers->{$kind} };
    my $n = $self->{given}{$kind}++;

    return $list[ $n < @list ? $n : -1 ];
}


sub _answer {
    my ($self, $conn, $answer) = @_;

    push @{ $conn->{queue} }, @{ $answer->{pieces} };
    $conn->{end} = $answer->{end};
    $conn->{clean} = $answer->{end} eq 'keep';
    $self->_advance($conn);
}


# Sends the next piece when nginx has read the one before.

sub _advance {
    my ($self, $conn) = @_;

    return if $conn->{end} eq 'gone' || $conn->{end} eq '';

    if ($conn->{rest} ne '' || $self->{turns} < $conn->{due}) {
        $self->_ask_turn;
        return;
    }

    if (@{ $conn->{queue} }) {
        $conn->{rest} = shift @{ $conn->{queue} };
        $self->_write($conn);

        return if $conn->{end} eq 'gone';

        if (@{ $conn->{queue} } || $conn->{end} eq 'reset') {
            $conn->{due} = $self->_next_turn;
            $self->_ask_turn;
            return;
        }

        return if $conn->{rest} ne '';
    }

    if ($conn->{end} eq 'reset') {
        setsockopt($conn->{socket}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0);
        $self->_drop($conn);

    } elsif ($conn->{end} eq 'close') {
        $self->_drop($conn);

    } else {
        $conn->{end} = '';
    }
}


sub _write {
    my ($self, $conn) = @_;

    local $SIG{PIPE} = 'IGNORE';

    while ($conn->{rest} ne '') {
        my $n = syswrite $conn->{socket}, $conn->{rest}, 65536;

        if (!$n) {
            return if $! == EAGAIN || $! == EINTR;
            return $self->_drop($conn);
        }

        $self->{events}++;
        substr $conn->{rest}, 0, $n, '';
    }
}


package ProfileTest::Fuzz::Client;

# The client of the harness, which lets the backend work while it waits.

use strict;
use warnings;

use Errno qw(EAGAIN EINTR);
use Time::HiRes qw(time);

our @ISA = ('ProfileTest::Client');


sub new {
    my ($class, %opt) = @_;

    my $self = $class->SUPER::new(%opt);

    $self->{wire} = $opt{wire};

    return $self;
}


sub send {
    my ($self, $data) = @_;

    local $SIG{PIPE} = 'IGNORE';

    my $until = time + $self->{patience};

    while ($data ne '' && !$self->{closed}) {
        my $n = syswrite $self->{socket}, $data, 65536;

        if ($n) {
            substr $data, 0, $n, '';
            next;
        }

        return 0 if ($! != EAGAIN && $! != EINTR) || time > $until;

        $self->{wire}->pump(1, $self->{socket}, 1);
    }

    return 1;
}


sub fill {
    my ($self) = @_;

    return 0 if $self->{eof} || $self->{closed};

    my $until = time + $self->{patience};

    while (1) {
        my $n = sysread $self->{socket}, $self->{buf}, 262144,
                        length $self->{buf};

        return $n if $n;

        if (defined $n || ($! != EAGAIN && $! != EINTR)) {
            $self->{eof} = 1;
            $self->{reset} = 1 unless defined $n;
            return 0;
        }

        return undef if time > $until;

        $self->{wire}->pump(1, $self->{socket});
    }
}


sub close {
    my ($self) = @_;

    return if $self->{closed}++;

    $self->SUPER::close;
}


# All responses that are still to come on this connection, as far as they can
# be told from each other: nobody knows which of the requests nginx has seen,
# and after one to HEAD nothing is certain.

sub rest_of_them {
    my ($self, @methods) = @_;

    my (@responses, $unsure);

    1 while $self->fill;

    while ($self->{buf} ne '') {
        my $method = shift @methods // 'GET';
        my $r = eval { $self->response(method => $method) };

        die $@ if !$r && !$unsure;
        last if !$r;

        $unsure ||= $method eq 'HEAD' || grep { $_ eq 'HEAD' } @methods;
        push @responses, $r if $r->status;
        last if !$r->complete;
    }

    return @responses;
}


package ProfileTest::Fuzz::HTTP2;

# The reading half of the harness' client of HTTP/2: what is sent is bytes.

use strict;
use warnings;

use ProfileTest::HTTP2;

our @ISA = ('ProfileTest::HTTP2');


sub new {
    my ($class, $client) = @_;

    my $self = bless {
        client => $client, hpack => ProfileTest::HPACK->new, streams => {},
        window => 65535, initial => 65535, frame => 16384,
    }, $class;

    for my $id (map { 2 * $_ + 1 } 0 .. 31) {
        my $r = ProfileTest::Response->new('GET');

        @{$r}{qw(framing version stream)} = ('http2', '2', $id);
        $self->{streams}{$id} = { res => $r, window => 65535 };
    }

    return $self;
}


# The response of a stream.

sub of {
    my ($self, $id, $method) = @_;

    $self->peek($id)->{method} = $method;

    return $self->response($id);
}


# The responses that are there once nginx has closed the connection.

sub rest {
    my ($self) = @_;

    1 while $self->_read_frame;

    return grep { $_->status } map { $self->peek($_) }
           sort { $a <=> $b } keys %{ $self->{streams} };
}


1;
