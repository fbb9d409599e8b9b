package ProfileTest::HTTP2;

# One connection of an HTTP/2 client over cleartext TCP, with prior knowledge.

use strict;
use warnings;

use ProfileTest::Client;
use ProfileTest::HPACK;

use constant {
    DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4, PING => 6,
    GOAWAY => 7, WINDOW_UPDATE => 8, CONTINUATION => 9,

    END_STREAM => 1, ACK => 1, END_HEADERS => 4, PADDED => 8, PRIORITY => 32,

    INITIAL_WINDOW_SIZE => 4, MAX_FRAME_SIZE => 5,
};


# window => N: each stream may get that many bytes, and update() asks for
# more; without it a response is never held up.

sub new {
    my ($class, %opt) = @_;

    my $self = bless {
        client   => ProfileTest::Client->new(%opt),
        hpack    => ProfileTest::HPACK->new,
        next_id  => 1,
        streams  => {},
        window   => 65535,
        initial  => 65535,
        frame    => 16384,
        manual   => defined $opt{window},
    }, $class;

    my $window = $opt{window} // 0x7fffffff;

    $self->{client}->send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    $self->send_frame(SETTINGS, 0, 0, pack 'nN', INITIAL_WINDOW_SIZE, $window);
    $self->send_frame(WINDOW_UPDATE, 0, 0, pack 'N', 0x7fffffff - 65535);

    return $self;
}


sub client { return $_[0]{client} }

# The error code of a GOAWAY frame, undef if there was none.

sub goaway { return $_[0]{goaway} }


sub send_frame {
    my ($self, $type, $flags, $id, $payload) = @_;

    return $self->{client}->send(
        substr(pack('N', length $payload), 1)
        . pack('CCN', $type, $flags, $id) . $payload);
}


# Sends a request, returns the number of its stream.  Besides headers:
# ':body' a text, ':frames' the sizes of its DATA frames (the last one is
# used again), ':open' true if the stream is not to be ended.

sub request {
    my ($self, $method, $path, %headers) = @_;

    my $body = delete $headers{':body'};
    my $frames = delete $headers{':frames'};
    my $open = delete $headers{':open'};
    my $authority = delete $headers{':authority'} // 'localhost';
    my $id = $self->{next_id};

    $self->{next_id} += 2;

    my $res = ProfileTest::Response->new($method);

    $res->{framing} = 'http2';
    $res->{version} = '2';

    $self->{streams}{$id} = { res => $res, window => $self->{initial} };

    my $block = $self->{hpack}->encode(
        ':method' => $method, ':scheme' => 'http', ':path' => $path,
        ':authority' => $authority,
        map { lc $_ => $headers{$_} } sort keys %headers);

    my $end = !$open && (!defined $body || $body eq '');

    $self->send_frame(HEADERS, END_HEADERS | ($end ? END_STREAM : 0), $id,
                      $block);

    $self->data($id, $body, frames => $frames, open => $open)
        if defined $body && $body ne '';

    return $id;
}


# Sends body bytes, as the windows allow.

sub data {
    my ($self, $id, $body, %opt) = @_;

    my @sizes = ref $opt{frames} ? @{ $opt{frames} }
                                 : ($opt{frames} // $self->{frame});
    my $stream = $self->{streams}{$id};

    while (1) {
        my $size = @sizes > 1 ? shift @sizes : $sizes[0];

        $size = $self->{frame} if $size > $self->{frame};
        $size = length $body if $size > length $body;

        while ($self->{window} < $size || $stream->{window} < $size) {
            return 0 if $stream->{res}{done} || !$self->_read_frame;
        }

        $self->{window} -= $size;
        $stream->{window} -= $size;

        my $part = substr $body, 0, $size, '';
        my $end = $body eq '' && !$opt{open};

        $self->send_frame(DATA, $end ? END_STREAM : 0, $id, $part) or return 0;

        return 1 if $body eq '';
    }
}


sub rst {
    my ($self, $id, $code) = @_;

    $self->send_frame(RST_STREAM, 0, $id, pack 'N', $code);
}


# Lets the server send more of a stream.

sub update {
    my ($self, $id, $size) = @_;

    $self->send_frame(WINDOW_UPDATE, 0, $id, pack 'N', $size);
}


# Reads until the condition holds for that stream's response: true if it came
# to hold before the response ended.

sub read_until {
    my ($self, $id, $condition) = @_;

    my $res = $self->{streams}{$id}{res};
    my $holds = ref $condition eq 'CODE'
                ? $condition
                : sub { $_[0]->body =~ $condition };

    while (1) {
        return 1 if $holds->($res);
        return 0 if $res->{done};

        next if $self->_read_frame;

        $res->{timed_out} = $self->{client}->eof ? 0 : 1;
        $res->{reset} = $self->{client}->reset;
        $res->_done('no end of stream');
    }
}


# The response so far.

sub peek {
    my ($self, $id) = @_;

    return $self->{streams}{$id}{res};
}


sub response {
    my ($self, $id) = @_;

    $self->read_until($id, sub { 0 });

    return delete($self->{streams}{$id})->{res};
}


sub close {
    my ($self) = @_;

    $self->{client}->close;
}


sub _read_frame {
    my ($self) = @_;

    my $client = $self->{client};

    while (length $client->{buf} < 9) {
        $client->fill or return 0;
    }

    my ($high, $low, $type, $flags, $id) = unpack 'CnCCN', $client->{buf};
    my $length = $high << 16 | $low;

    while (length $client->{buf} < 9 + $length) {
        $client->fill or return 0;
    }

    substr $client->{buf}, 0, 9, '';

    my $payload = substr $client->{buf}, 0, $length, '';

    if (($type == DATA || $type == HEADERS) && $flags & PADDED) {
        my $pad = ord substr $payload, 0, 1, '';
        substr $payload, -$pad, $pad, '' if $pad;
    }

    if ($type == SETTINGS) {
        $self->_settings($flags, $payload);

    } elsif ($type == PING) {
        $self->send_frame(PING, ACK, 0, $payload) unless $flags & ACK;

    } elsif ($type == WINDOW_UPDATE) {
        my $size = unpack 'N', $payload;

        if ($id == 0) {
            $self->{window} += $size;

        } elsif ($self->{streams}{$id}) {
            $self->{streams}{$id}{window} += $size;
        }

    } elsif ($type == GOAWAY) {
        (undef, $self->{goaway}) = unpack 'NN', $payload;

    } elsif ($self->{streams}{$id}) {
        $self->_stream_frame($self->{streams}{$id}, $id, $type, $flags,
                             $payload);

    } elsif ($type == HEADERS || $type == CONTINUATION) {
        die "header block of an unknown stream $id";
    }

    return 1;
}


sub _settings {
    my ($self, $flags, $payload) = @_;

    return if $flags & ACK;

    while ($payload ne '') {
        my ($name, $value) = unpack 'nN', substr $payload, 0, 6, '';

        if ($name == INITIAL_WINDOW_SIZE) {
            $_->{window} += $value - $self->{initial}
                for values %{ $self->{streams} };
            $self->{initial} = $value;

        } elsif ($name == MAX_FRAME_SIZE) {
            $self->{frame} = $value;
        }
    }

    $self->send_frame(SETTINGS, ACK, 0, '');
}


sub _stream_frame {
    my ($self, $stream, $id, $type, $flags, $payload) = @_;

    my $res = $stream->{res};

    if ($type == DATA) {
        push @{ $res->{chunks} }, length $payload;
        $res->_take($payload);

        # What was read may be sent anew.

        $self->update(0, length $payload) if length $payload;

    } elsif ($type == RST_STREAM) {
        $res->{rst} = unpack 'N', $payload;
        $res->_done('RST_STREAM') unless $res->{done};
        return;

    } elsif ($type == HEADERS || $type == CONTINUATION) {
        substr $payload, 0, 5, '' if $type == HEADERS && $flags & PRIORITY;

        $stream->{block} .= $payload;
        $stream->{ends} = 1 if $type == HEADERS && $flags & END_STREAM;

        return unless $flags & END_HEADERS;

        $self->_headers($res, delete $stream->{block});
        $res->_done if $stream->{ends};
        return;
    }

    $res->_done if $type == DATA && $flags & END_STREAM;
}


sub _headers {
    my ($self, $res, $block) = @_;

    my @pairs = $self->{hpack}->decode($block);

    if ($pairs[0] ne ':status') {
        while (my ($name, $value) = splice @pairs, 0, 2) {
            push @{ $res->{trailers} }, "$name: $value";
        }

        return;
    }

    my (undef, $status) = splice @pairs, 0, 2;

    if ($status < 200) {
        push @{ $res->{interim} }, $status;
        return;
    }

    $res->{status} = $status;

    while (my ($name, $value) = splice @pairs, 0, 2) {
        push @{ $res->{headers} }, [ $name, $value ];
    }
}


1;
