package ProfileTest::Client;

# One TCP connection of a client, down to the bytes: requests are sent as
# given, and a response tells whether it was whole.

use strict;
use warnings;

use Errno qw(EAGAIN EINTR ECONNRESET EPIPE);
use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_RCVBUF SO_LINGER IPPROTO_TCP TCP_NODELAY
              inet_aton pack_sockaddr_in);
use Test::More ();
use Time::HiRes qw(time);

our @EXPORT_OK = qw(same);


# Asserts that a response is whole and has this body; "is" would print
# megabytes.

sub same {
    my ($got, $expected, $name) = @_;

    return Test::More::ok(1, $name)
        if $got->body eq $expected && $got->complete;

    ($got->body ^ $expected) =~ /\A\0*/;

    my $n = $+[0];

    Test::More::ok(0, $name);
    Test::More::diag(sprintf '%d of %d bytes, status %d, %s, differs at %d: %s',
                     $got->length, length $expected, $got->status,
                     $got->error || 'complete', $n, substr $got->body, $n, 60);
}


sub new {
    my ($class, %opt) = @_;

    # The receive buffer is set before connect(), since the window is agreed
    # upon then.

    my $socket = IO::Socket::INET->new(Proto => 'tcp')
        or die "socket: $!";

    if ($opt{rcvbuf}) {
        setsockopt($socket, SOL_SOCKET, SO_RCVBUF, pack('i', $opt{rcvbuf}))
            or die "SO_RCVBUF: $!";
    }

    connect($socket, pack_sockaddr_in($opt{port}, inet_aton('127.0.0.1')))
        or die "connect to 127.0.0.1:$opt{port}: $!";

    setsockopt($socket, IPPROTO_TCP, TCP_NODELAY, pack('i', 1));
    $socket->blocking(0);

    return bless {
        socket   => $socket,
        buf      => '',
        eof      => 0,
        reset    => 0,
        patience => $opt{patience} || 20,
    }, $class;
}


sub socket { return $_[0]{socket} }
sub eof    { return $_[0]{eof} }
sub reset  { return $_[0]{reset} }
sub rest   { return $_[0]{buf} }


# Sends bytes; returns false when the peer has closed or does not read.

sub send {
    my ($self, @data) = @_;

    local $SIG{PIPE} = 'IGNORE';

    for my $data (@data) {
        my $off = 0;

        while ($off < length $data) {
            my $n = syswrite($self->{socket}, $data, 65536, $off);

            if (defined $n) {
                $off += $n;
                next;
            }

            return 0 if $! != EAGAIN && $! != EINTR;

            IO::Select->new($self->{socket})->can_write($self->{patience})
                or return 0;
        }
    }

    return 1;
}


# Reads once into the buffer: the number of bytes, 0 at the end, undef when
# nothing came in time.

sub fill {
    my ($self, $patience) = @_;

    return 0 if $self->{eof};

    my $until = time() + ($patience // $self->{patience});

    while (1) {
        my $n = sysread($self->{socket}, $self->{buf}, 262144,
                        length $self->{buf});

        return $n if $n;

        if (defined $n || $! == ECONNRESET || $! == EPIPE) {
            $self->{eof} = 1;
            $self->{reset} = 1 unless defined $n;
            return 0;
        }

        die "read: $!" if $! != EAGAIN && $! != EINTR;

        my $left = $until - time();
        return undef if $left <= 0;

        IO::Select->new($self->{socket})->can_read($left);
    }
}


# All bytes up to the end of the connection.

sub read_eof {
    my ($self) = @_;

    1 while $self->fill;

    my $data = $self->{buf};
    $self->{buf} = '';

    return $data;
}


# Reads the head of the next response, and no more than that is waited for.

sub head {
    my ($self, %opt) = @_;

    my $res = ProfileTest::Response->new($opt{method} // 'GET', $opt{sink});

    while (1) {
        if ($self->{buf} =~ s/\A(.*?\r\n)\r\n//s) {
            $res->_parse_head("$1");

            last if $res->{status} >= 200 || $res->{status} == 101;

            push @{ $res->{interim} }, $res->{status};
            next;
        }

        my $n = $self->fill;
        next if $n;

        $res->{timed_out} = 1 unless defined $n;
        $res->_end($self);
        return $res;
    }

    $res->_advance(\$self->{buf});
    return $res;
}


# Reads on until the condition holds for the response so far: true if it came
# to hold, false if the response ended, or nothing came, before that.

sub read_until {
    my ($self, $res, $condition) = @_;

    my $holds = ref $condition eq 'CODE'
                ? $condition
                : sub { $_[0]->body =~ $condition };

    while (1) {
        return 1 if $holds->($res);
        return 0 if $res->{done};

        my $n = $self->fill;

        if ($n) {
            $res->_advance(\$self->{buf});
            next;
        }

        $res->{timed_out} = 1 unless defined $n;
        $res->_end($self);
    }
}


# Reads the rest of the response.

sub finish {
    my ($self, $res) = @_;

    $self->read_until($res, sub { 0 });
    return $res;
}


# The next response, whole.

sub response {
    my ($self, %opt) = @_;

    return $self->finish($self->head(%opt));
}


sub close {
    my ($self) = @_;

    CORE::close($self->{socket});
    $self->{eof} = 1;
}


# Closes with a RST.

sub abort {
    my ($self) = @_;

    setsockopt($self->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
    $self->close;
}


sub shutdown_write {
    my ($self) = @_;

    shutdown($self->{socket}, 1);
}


# The bytes of a request.  Options: version, body, chunks (the sizes of the
# body's chunks, or true).

sub request_text {
    my ($method, $uri, $opt, %headers) = @_;

    my $version = $opt->{version} // '1.1';
    my $body = $opt->{body};

    my %lower = map { lc $_ => 1 } keys %headers;

    $headers{Host} = 'localhost' if !$lower{host} && $version ne '1.0';
    $headers{Connection} = 'close' if !$lower{connection} && $version ne '1.0';

    if (defined $body) {
        if ($opt->{chunks}) {
            $headers{'Transfer-Encoding'} = 'chunked';
            $body = chunked($body, $opt->{chunks});

        } elsif (!$lower{'content-length'}) {
            $headers{'Content-Length'} = length $body;
        }
    }

    return "$method $uri HTTP/$version\r\n"
           . join('', map { "$_: $headers{$_}\r\n" } sort keys %headers)
           . "\r\n" . ($body // '');
}


# A body in chunks of these sizes, the last one used again.

sub chunked {
    my ($body, $sizes) = @_;

    my @sizes = ref $sizes ? @$sizes : (length $body || 1);
    my $coded = '';

    while ($body ne '') {
        my $size = @sizes > 1 ? shift @sizes : $sizes[0];
        my $part = substr $body, 0, $size, '';

        $coded .= sprintf("%x\r\n", length $part) . "$part\r\n";
    }

    return "${coded}0\r\n\r\n";
}


package ProfileTest::Response;

use strict;
use warnings;

use IO::Uncompress::Gunzip qw(gunzip $GunzipError);


sub new {
    my ($class, $method, $sink) = @_;

    return bless {
        method   => $method,
        sink     => $sink,
        status   => 0,
        reason   => '',
        version  => '',
        headers  => [],
        trailers => [],
        interim  => [],
        chunks   => [],
        head     => '',
        body     => '',
        length   => 0,
        done     => 0,
        complete => 0,
        error    => '',
    }, $class;
}


sub status    { return $_[0]{status} }
sub reason    { return $_[0]{reason} }
sub version   { return $_[0]{version} }
sub raw_head  { return $_[0]{head} }
sub body      { return $_[0]{body} }
sub length    { return $_[0]{length} }
sub chunks    { return @{ $_[0]{chunks} } }
sub interim   { return @{ $_[0]{interim} } }
sub done      { return $_[0]{done} }
sub complete  { return $_[0]{complete} }
sub reset     { return $_[0]{reset} ? 1 : 0 }
sub timed_out { return $_[0]{timed_out} ? 1 : 0 }
sub error     { return $_[0]{error} }

# The code of the RST_STREAM frame that ended an HTTP/2 stream.

sub rst { return $_[0]{rst} }


# The first header of that name; in a list all of them.

sub header {
    my ($self, $name) = @_;

    my @values = map { $_->[1] } grep { lc $_->[0] eq lc $name }
                 @{ $self->{headers} };

    return wantarray ? @values : $values[0];
}


# The body without its content coding; undef if that is broken or cut.

sub text {
    my ($self) = @_;

    my $coding = lc($self->header('Content-Encoding') // 'identity');

    return $self->{body} if $coding eq 'identity';
    return undef if $coding ne 'gzip';

    my $text;

    gunzip(\$self->{body} => \$text, MultiStream => 1, Strict => 1)
        or return undef;

    return $text;
}


# How the end of the body is told: 'none', 'length', 'chunked' or 'close'.

sub framing { return $_[0]{framing} // '' }


sub _parse_head {
    my ($self, $head) = @_;

    my ($line, @lines) = split /\r\n/, $head;

    @{$self}{qw(version status reason)} =
        $line =~ m{\AHTTP/(\d\.\d) (\d{3})(?: (.*))?\z}
        or die "not a status line: $line";

    $self->{reason} //= '';
    $self->{head} = $head;
    $self->{headers} = [ map { [ /\A([^:]+):[ \t]*(.*?)[ \t]*\z/ ] } @lines ];

    my $coding = $self->header('Transfer-Encoding');
    my $length = $self->header('Content-Length');

    if ($self->{method} eq 'HEAD' || $self->{status} < 200
        || $self->{status} == 204 || $self->{status} == 304)
    {
        $self->{framing} = 'none';

    } elsif (defined $coding) {
        $self->{framing} = 'chunked';
        $self->{state} = 'size';

    } elsif (defined $length) {
        $self->{framing} = 'length';
        $self->{left} = $length;

    } else {
        $self->{framing} = 'close';
    }
}


sub _take {
    my ($self, $data) = @_;

    $self->{length} += CORE::length $data;

    if ($self->{sink}) {
        $self->{sink}->($data);

    } else {
        $self->{body} .= $data;
    }
}


sub _done {
    my ($self, $error) = @_;

    $self->{done} = 1;
    $self->{error} = $error // '';
    $self->{complete} = defined $error ? 0 : 1;
}


# Works off what has come: takes what belongs to this response, leaves the
# rest.

sub _advance {
    my ($self, $buf) = @_;

    if ($self->{framing} eq 'none') {
        $self->_done;
        return;
    }

    if ($self->{framing} eq 'close') {
        $self->_take($$buf);
        $$buf = '';
        return;
    }

    if ($self->{framing} eq 'length') {
        my $part = substr($$buf, 0, $self->{left}, '');

        $self->{left} -= CORE::length $part;
        $self->_take($part);
        $self->_done if $self->{left} == 0;
        return;
    }

    while (!$self->{done}) {
        if ($self->{state} eq 'size') {
            return unless $$buf =~ s/\A([^\n]*)\n//;

            if ($1 !~ /\A([0-9a-fA-F]+)\r\z/) {
                $self->_done('bad chunk size');
                return;
            }

            $self->{left} = hex $1;
            $self->{state} = $self->{left} ? 'data' : 'trailer';
            push @{ $self->{chunks} }, $self->{left} if $self->{left};

        } elsif ($self->{state} eq 'data') {
            return if $$buf eq '';

            my $part = substr($$buf, 0, $self->{left}, '');

            $self->{left} -= CORE::length $part;
            $self->_take($part);
            $self->{state} = 'end' if $self->{left} == 0;

        } elsif ($self->{state} eq 'end') {
            return if CORE::length $$buf < 2;

            if (substr($$buf, 0, 2, '') ne "\r\n") {
                $self->_done('bad chunk end');
                return;
            }

            $self->{state} = 'size';

        } else {
            return unless $$buf =~ s/\A([^\n]*)\r\n//;

            if ($1 eq '') {
                $self->_done;

            } else {
                push @{ $self->{trailers} }, $1;
            }
        }
    }
}


# Nothing more will come.

sub _end {
    my ($self, $client) = @_;

    return if $self->{done};

    $self->{reset} = $client->{reset};

    if (($self->{framing} // '') eq 'close'
        && !$self->{timed_out} && !$self->{reset})
    {
        $self->_done;
        return;
    }

    $self->_done($self->{timed_out} ? 'timed out'
                 : $self->{reset}   ? 'connection reset'
                                    : 'connection closed early');
}


1;
