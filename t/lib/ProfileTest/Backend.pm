package ProfileTest::Backend;

# A small scripted server in processes of its own.  ProfileTest.pm documents
# what the script may be.

use strict;
use warnings;

use Compress::Raw::Zlib qw(Z_OK Z_SYNC_FLUSH Z_FINISH WANT_GZIP);
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time sleep);


sub new {
    my ($class, %opt) = @_;

    my $listen = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp',
        Listen => 128, ReuseAddr => 1)
        or die "backend: $!";

    my $self = bless {
        port     => $listen->sockport,
        script   => $opt{script},
        name     => $opt{name},
        path     => "$opt{dir}/backend-$opt{name}",
        record   => $opt{record} // 1,
        patience => $opt{patience},
        owner    => $$,
    }, $class;

    CORE::open(my $fh, '>', "$self->{path}.log") or die "backend: $!";

    my $pid = fork;
    die "fork: $!" unless defined $pid;

    if ($pid == 0) {
        eval { $self->_serve($listen); 1 } or print STDERR $@;
        POSIX::_exit(0);
    }

    setpgrp($pid, $pid);
    $self->{pid} = $pid;

    return $self;
}


sub port { return $_[0]{port} }
sub addr { return "127.0.0.1:$_[0]{port}" }
sub pid  { return $_[0]{pid} }


sub stop {
    my ($self) = @_;

    return unless $self->{pid} && $self->{owner} == $$;

    kill 'KILL', -$self->{pid};
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;

    delete $self->{pid};
}


sub DESTROY {
    my ($self) = @_;

    local ($@, $!, $?);
    $self->stop;
}


# The requests that came, in the order in which they were complete (or were
# given up by nginx: complete => 0).

sub requests {
    my ($self) = @_;

    my @requests;

    for ($self->_log) {
        my ($complete, $head, $body) = /\AR (\d) (\S*) (\S*)\z/ or next;

        push @requests, _request(pack('H*', $head), pack('H*', $body),
                                 $complete);
    }

    return @requests;
}


sub connections {
    my ($self) = @_;

    return scalar grep { $_ eq 'C' } $self->_log;
}


# Waits until that many requests have come: true if they did.

sub wait_requests {
    my ($self, $number) = @_;

    my $until = time() + $self->{patience};

    while (time() < $until) {
        return 1 if $self->requests >= $number;
        sleep 0.01;
    }

    return 0;
}


# Forgets what came so far.

sub forget {
    my ($self) = @_;

    truncate "$self->{path}.log", 0 or die "$self->{path}.log: $!";
}


# Opens a gate for good: connections that wait there go on.

sub open_gate {
    my ($self, $name) = @_;

    CORE::open(my $fh, '>', "$self->{path}.gate-$name") or die "gate: $!";
}


# What the script printed to standard error, as Perl does with an exception.

sub errors {
    my ($self) = @_;

    CORE::open(my $fh, '<', "$self->{path}.err") or return '';
    local $/;
    return scalar(<$fh>) // '';
}


sub _log {
    my ($self) = @_;

    CORE::open(my $fh, '<', "$self->{path}.log") or die "$self->{path}.log: $!";
    chomp(my @lines = <$fh>);

    return @lines;
}


sub _request {
    my ($head, $body, $complete) = @_;

    my ($line, @lines) = split /\r\n/, $head;
    my ($method, $uri, $version) = split / /, $line // '';
    my @headers = map { [ /\A([^:]+):\s*(.*?)\s*\z/ ] } @lines;

    return {
        method   => $method,
        uri      => $uri,
        version  => ($version // '') =~ s{\AHTTP/}{}r,
        headers  => { map { lc $_->[0] => $_->[1] } reverse @headers },
        list     => \@headers,
        head     => $head,
        body     => $body,
        complete => $complete,
    };
}


# The rest runs in the backend's processes

sub _serve {
    my ($self, $listen) = @_;

    my $parent = getppid;

    setpgrp;

    CORE::open(STDIN, '<', '/dev/null');
    CORE::open(STDOUT, '>', '/dev/null');
    CORE::open(STDERR, '>>', "$self->{path}.err");

    $SIG{CHLD} = 'IGNORE';
    $SIG{INT} = $SIG{TERM} = 'DEFAULT';
    $SIG{PIPE} = 'IGNORE';

    my $select = IO::Select->new($listen);

    # The test may die without a word.

    while (getppid == $parent) {
        next unless $select->can_read(0.5);

        my $socket = $listen->accept or next;
        my $pid = fork;

        die "fork: $!" unless defined $pid;

        if ($pid == 0) {
            close $listen;
            $self->_connection($socket);
            POSIX::_exit(0);
        }
    }
}


sub _connection {
    my ($self, $socket) = @_;

    setsockopt($socket, IPPROTO_TCP, TCP_NODELAY, pack('i', 1));

    CORE::open(my $log, '>>', "$self->{path}.log") or die "log: $!";
    syswrite $log, "C\n" if $self->{record};

    my $conn = bless {
        socket   => $socket,
        buf      => '',
        log      => $log,
        record   => $self->{record},
        path     => $self->{path},
        patience => $self->{patience},
    }, 'ProfileTest::Backend::Connection';

    my $script = $self->{script};

    eval {
        if (ref $script eq 'CODE') {
            $script->($conn);

        } else {
            $conn->serve($script);
        }

        1;

    } or print STDERR $@;

    $conn->close;
}


package ProfileTest::Backend::Connection;

use strict;
use warnings;

use Compress::Raw::Zlib qw(Z_OK Z_SYNC_FLUSH Z_FINISH WANT_GZIP);
use IO::Select;
use Socket qw(SOL_SOCKET SO_LINGER unpack_sockaddr_in);
use Time::HiRes qw(time sleep);


# The next request, or undef at the end; it stands in the record when this
# returns.

sub read_request {
    my ($self) = @_;

    my $buf = \$self->{buf};

    until ($$buf =~ /\r\n\r\n/) {
        if (!$self->_fill) {
            $self->_record(0, $$buf, '') if $$buf ne '';
            return undef;
        }
    }

    $$buf =~ s/\A(.*?\r\n)\r\n//s;

    my $head = $1;
    my $body = '';
    my $complete = 1;

    if ($head =~ /^Transfer-Encoding:\s*chunked/mi) {
        $complete = $self->_read_chunked(\$body);

    } elsif ($head =~ /^Content-Length:\s*(\d+)/mi) {
        my $length = $1;

        while (length $$buf < $length) {
            $self->_fill or last;
        }

        $body = substr($$buf, 0, $length, '');
        $complete = length $body == $length ? 1 : 0;
    }

    $self->_record($complete, $head, $body);

    return $complete ? ProfileTest::Backend::_request($head, $body, 1) : undef;
}


# Sends bytes as they are; false when nginx has closed.

sub send {
    my ($self, @data) = @_;

    for my $data (@data) {
        my $off = 0;

        while ($off < length $data) {
            my $n = syswrite($self->{socket}, $data, 65536, $off)
                or return 0;
            $off += $n;
        }
    }

    return 1;
}


# Sends in pieces of that many bytes, each once nginx has read the one before.

sub send_pieces {
    my ($self, $data, $size) = @_;

    for (my $off = 0; $off < length $data; $off += $size) {
        $self->send(substr($data, $off, $size)) or return 0;
        $self->drained;
    }

    return 1;
}


# Waits until the other side has read all that was sent, for two seconds at
# most: a reader held up by its own client will not.

sub drained {
    my ($self) = @_;

    my ($port) = unpack_sockaddr_in(getsockname $self->{socket});
    my ($peer) = unpack_sockaddr_in(getpeername($self->{socket}) // return);

    # /proc/net/tcp as its reader sees it: local and remote address, state,
    # bytes to send and to read.

    my $line = sprintf '0100007F:%04X 0100007F:%04X', $peer, $port;
    my $until = time() + 2;

    while (time() < $until) {
        CORE::open(my $fh, '<', '/proc/net/tcp') or die "/proc/net/tcp: $!";
        local $/;

        return if <$fh> !~ /\Q$line\E [0-9A-F]+ [0-9A-F]+:([0-9A-F]+)/
                  || hex $1 == 0;

        select undef, undef, undef, 0.0001;
    }
}


# Waits until the test opens the gate.

sub wait_gate {
    my ($self, $name) = @_;

    my $until = time() + $self->{patience};

    until (-e "$self->{path}.gate-$name") {
        die "gate $name was not opened\n" if time() > $until;
        sleep 0.005;
    }
}


# Waits until nginx closes the connection; true if it did.

sub wait_close {
    my ($self) = @_;

    my $until = time() + $self->{patience};

    while (time() < $until) {
        next unless IO::Select->new($self->{socket})->can_read(0.2);

        my $n = sysread($self->{socket}, my $rest, 65536);
        return 1 unless $n;
    }

    return 0;
}


sub close {
    my ($self) = @_;

    CORE::close($self->{socket}) if $self->{socket};
    delete $self->{socket};
}


# Closes with a RST.

sub abort {
    my ($self) = @_;

    setsockopt($self->{socket}, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0));
    $self->close;
}


# Answers requests by a table of URIs.

sub serve {
    my ($self, $table) = @_;

    while (my $request = $self->read_request) {
        my ($path) = $request->{uri} =~ /\A([^?]*)/;
        my $answer = $table->{ $request->{uri} } // $table->{$path}
                     // $table->{'*'}
                     // { status => 404, body => '{"error":"no such uri"}' };

        if (ref $answer eq 'CODE') {
            $answer = $answer->($self, $request);
        }

        $answer = { body => $answer } if defined $answer && !ref $answer;

        if (ref $answer eq 'HASH') {
            $self->answer($request, $answer) or last;
        }

        last unless $self->{socket};
        last if ($request->{headers}{connection} // '') =~ /close/i
                || $request->{version} eq '1.0';
    }
}


# Sends one answer; false when the connection is not to be used any more.

sub answer {
    my ($self, $request, $answer) = @_;

    my $status = $answer->{status} // 200;
    my $framing = $answer->{framing} // 'length';
    my @parts = ref $answer->{body} ? @{ $answer->{body} }
                                    : ($answer->{body} // '');

    @parts = _gzip(@parts) if $answer->{gzip};

    my $length = 0;
    $length += length for grep { !ref } @parts;

    my $head = sprintf "HTTP/%s %d %s\r\n", $answer->{version} // '1.1',
                       $status, $answer->{reason} // 'Reason';

    my $bare = $status < 200 || $status == 204 || $status == 304;
    my $type = $answer->{type} // 'application/json';
    my @headers = @{ $answer->{headers} // [] };

    $head .= "Content-Type: $type\r\n" if $type ne '' && !$bare;
    $head .= "Content-Encoding: gzip\r\n" if $answer->{gzip};
    $head .= shift(@headers) . ': ' . shift(@headers) . "\r\n" while @headers;

    if ($framing eq 'length') {
        $head .= 'Content-Length: ' . ($answer->{length} // $length) . "\r\n"
            unless $bare;

    } elsif ($framing eq 'chunked') {
        $head .= "Transfer-Encoding: chunked\r\n";

    } else {
        $head .= "Connection: close\r\n";
    }

    $self->send("$head\r\n") or return 0;

    return 1 if $request->{method} eq 'HEAD' || $bare;

    my $left = $answer->{cut};

    for my $part (@parts) {
        if (ref $part) {
            $self->wait_gate($$part);
            next;
        }

        if (defined $left) {
            $part = substr($part, 0, $left);
            $left -= length $part;
        }

        next if $part eq '';

        $self->_send_part($part, $framing, $answer) or return 0;
    }

    if (defined $answer->{cut}) {
        $self->drained;
        $answer->{reset} ? $self->abort : $self->close;
        return 0;
    }

    if ($framing eq 'chunked') {
        $self->send($answer->{trailer} // "0\r\n\r\n") or return 0;
    }

    return $framing ne 'close';
}


sub _send_part {
    my ($self, $part, $framing, $answer) = @_;

    if ($framing eq 'chunked') {
        my @sizes = ref $answer->{chunk} ? @{ $answer->{chunk} }
                                         : ($answer->{chunk} // length $part);
        my $coded = '';

        while ($part ne '') {
            my $size = @sizes > 1 ? shift @sizes : $sizes[0];
            my $data = substr($part, 0, $size, '');

            $coded .= sprintf("%x\r\n", length $data) . "$data\r\n";
        }

        $part = $coded;
    }

    return $answer->{piece} ? $self->send_pieces($part, $answer->{piece})
                            : $self->send($part);
}


# Parts of a text to parts of its gzip form, each of which can be inflated
# before the next one is there.

sub _gzip {
    my @parts = @_;

    my ($z, $rc) = Compress::Raw::Zlib::Deflate->new(-WindowBits => WANT_GZIP,
                                                     -AppendOutput => 1);
    die "deflate: $rc" unless $z;

    my ($last) = grep { !ref $parts[$_] } reverse 0 .. $#parts;

    for my $i (0 .. $#parts) {
        next if ref $parts[$i];

        my $coded = '';

        $z->deflate($parts[$i], $coded) == Z_OK or die 'deflate';
        $z->flush($coded, $i == $last ? Z_FINISH : Z_SYNC_FLUSH) == Z_OK
            or die 'deflate';

        $parts[$i] = $coded;
    }

    return @parts;
}


sub _fill {
    my ($self) = @_;

    my $n = sysread($self->{socket}, $self->{buf}, 65536, length $self->{buf});

    return $n;
}


sub _read_chunked {
    my ($self, $body) = @_;

    my $buf = \$self->{buf};

    while (1) {
        # Not in the condition of the loop: each turn forgets what it matched.

        until ($$buf =~ /\A[0-9a-fA-F]+\r\n/) {
            $self->_fill or return 0;
        }

        $$buf =~ s/\A([0-9a-fA-F]+)\r\n//;

        my $size = hex $1;

        until (length $$buf >= $size + 2) {
            $self->_fill or return 0;
        }

        $$body .= substr($$buf, 0, $size, '');
        substr($$buf, 0, 2, '');

        return 1 if $size == 0;
    }
}


# One write for one line, so that lines of several processes do not mix.

sub _record {
    my ($self, $complete, $head, $body) = @_;

    return unless $self->{record};

    syswrite $self->{log}, sprintf("R %d %s %s\n", $complete,
                                   unpack('H*', $head), unpack('H*', $body));
}


1;
