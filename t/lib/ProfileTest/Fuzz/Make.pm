package ProfileTest::Fuzz::Make;

# Exchanges for t/fuzz-http.pl: what a client sends, step by step, and what the
# backend answers.  The number of an exchange and the seed say all of it.

use strict;
use warnings;

use JSON::PP ();

use ProfileTest::Fuzz::Answer;
use ProfileTest::Fuzz::Request;
use ProfileTest::Fuzz::Text qw(any chance between begin chunked damage pieces);
use ProfileTest::HPACK;

# Places: how often, the path before an id or other words, and what is asked
# for there.  Ports are those of HTTP/1 and HTTP/2.

our %PLACES = (
    any     => { often => 3, ports => [0, 1] },
    if      => { often => 3, ports => [0, 1] },
    answer  => { often => 1, ports => [0, 1] },
    env     => { often => 2, ports => [0, 1] },
    req     => { often => 3, ports => [0, 1] },
    none    => { often => 1, ports => [0, 1] },
    api     => { often => 4, ports => [0, 1] },
    list    => { often => 2, ports => [0, 1] },
    nobuf   => { often => 3, ports => [0, 1] },
    small   => { often => 3, ports => [0, 1] },
    cache   => { often => 3, ports => [0, 1] },
    gz      => { often => 2, ports => [0, 1] },
    page    => { often => 1, ports => [0, 1] },
    dry     => { often => 1, ports => [0, 1] },
    g1      => { often => 4, ports => [0, 1] },
    g2      => { often => 4, ports => [0, 1] },
    gc      => { often => 2, ports => [0, 1] },
    gd      => { often => 1, ports => [0, 1] },
    quick   => { often => 3, ports => [2, 3] },
    gateway => { often => 14, ports => [4, 5] },
    other   => { often => 6, ports => [6, 7] },
    status  => { often => 1, ports => [8, 8] },
);

my @DRAW = map { ($_) x $PLACES{$_}{often} } sort keys %PLACES;


# The exchange of that number.

sub exchange {
    my ($class, $seed, $number, @places) = @_;

    srand(($seed * 1_000_003 + $number * 7919) & 0x7fffffff);
    begin();

    my $place = @places ? any(@places) : any(@DRAW);
    my $http = chance(0.3) && $place ne 'status' ? 2 : 1;
    my $self = bless { requests => 0 }, $class;

    my %exchange = (
        seed => $seed, number => $number, place => $place, http => $http,
        port => $PLACES{$place}{ports}[$http - 1],
        answers => ProfileTest::Fuzz::Answer->answers($place),
    );

    $exchange{rcvbuf} = 4096 if chance(0.05);
    $self->{request} = sub {
        return ProfileTest::Fuzz::Request->request(
            $place, "$number." . $self->{requests}++);
    };
    @exchange{qw(client whole)} = $http == 2 ? $self->_http2 : $self->_http1;

    return \%exchange;
}


# Replayed as it was written; JSON has no bytes, but characters below 256.

sub to_text {
    my ($class, $exchange) = @_;

    return JSON::PP->new->ascii->pretty->canonical->encode($exchange);
}


sub of_text { return JSON::PP->new->decode($_[1]) }


# The client

# Steps of a connection, and whether each request on it is well-formed and
# gets an answer.

sub _http1 {
    my ($self) = @_;

    my $requests = chance(0.75) ? 1 : between(2, 4);
    my @specs = map { $self->{request}->() } 1 .. $requests;

    if ($requests > 1 && chance(0.5)) {
        $_->{uri} = $specs[0]{uri} for @specs;
    }

    my @texts = map { $self->_text($specs[$_], $_ == $#specs) } 0 .. $#specs;
    my $how = rand;

    # One after another, or all at once.

    if ($how < 0.6) {
        return ([ map { (_sent($texts[$_]), [ read => $specs[$_]{method} ]) }
                      0 .. $#specs ], 1);

    } elsif ($how < 0.75) {
        return ([ _sent(join '', @texts),
                  map { [ read => $_->{method} ] } @specs ], 1);

    } elsif ($how < 0.92) {
        my $bytes = join '', @texts;

        $bytes = _bend($bytes) if chance(0.7);
        $bytes = damage($bytes, 1) if chance(0.4);

        return ([ _sent($bytes), [ 'quiet' ], [ 'shutdown' ],
                  [ rest => join ' ', map { $_->{method} } @specs ] ], 0);
    }

    my $bytes = join '', @texts;

    $bytes = substr $bytes, 0, int rand length $bytes if chance(0.7);

    return ([ _sent($bytes), chance(0.5) ? [ 'turn' ] : (),
              chance(0.5) ? [ 'quiet' ] : (),
              any([ 'abort' ], [ 'shutdown' ], [ 'turn' ]) ], 0);
}


sub _sent {
    my @steps = map { ([ send => $_ ], [ 'turn' ]) } pieces($_[0]);

    pop @steps;

    return @steps;
}


# What clients do to the framing of a request.

sub _bend {
    my ($bytes) = @_;

    my $how = int rand 10;

    if ($how == 0) {
        $bytes =~ s/^Content-Length: \K(\d+)/$1 + any(-5, -1, 1, 3)/mei;
    } elsif ($how == 1) {
        $bytes =~ s/^(Content-Length: \d+\r\n)/$1$1/mi;
    } elsif ($how == 2) {
        $bytes =~ s/^(Content-Length: \d+)/"Transfer-Encoding: "
                    . any('chunked', 'identity', 'gzip, chunked', "\x0bchunked")
                    . "\r\n$1"/mei;
    } elsif ($how == 3) {
        $bytes =~ s/\r\n\K([0-9a-f]+)\r\n/any("0$1", "$1;x=y", "x$1", "-$1",
                    'fffffffffffffffff', $1 . 'f', '') . "\r\n"/ei;
    } elsif ($how == 4) {
        $bytes =~ s/\r\n/\n/g;
    } elsif ($how == 5) {
        $bytes =~ s{ HTTP/1.1}{any(' HTTP/1.0', '', ' HTTP/2.0', ' HTTP/1.2',
                                   ' http/1.1', '  HTTP/1.1 ')}e;
    } elsif ($how == 6) {
        $bytes =~ s/^Host: .*\r\n/any('', "Host: a\r\nHost: b\r\n",
                                      "Host: \r\n", "Host: a b\r\n")/me;
    } elsif ($how == 7) {
        $bytes =~ s/: /any(' : ', ":\t", ":\r\n ", ':')/e;
    } elsif ($how == 8) {
        $bytes =~ s/\A(\S+)/any("\r\n$1", " $1", lc $1, "$1x", "$1\0")/e;
    } else {
        $bytes =~ s{\A(\S+) /}{"$1 " . any('http://h/', '*', '//', '/./',
                    'http://h', '/x/../', '/%2e%2e/', '/;/', '/#/')}e;
    }

    return $bytes;
}


# A stream each; sometimes the bytes are damaged.

sub _http2 {
    my ($self) = @_;

    my $requests = chance(0.7) ? 1 : between(2, 5);
    my @specs = map { $self->{request}->() } 1 .. $requests;
    my $bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
                . _frame(4, 0, 0, pack 'nN', 4, 0x7fffffff)
                . _frame(8, 0, 0, pack 'N', 0x7fffffff - 65535);
    my $whole = chance(0.8);
    my (@frames, @read);

    for my $n (0 .. $#specs) {
        my $id = 2 * $n + 1;

        push @frames, $self->_stream($specs[$n], $id, $whole);
        push @read, [ read => $specs[$n]{method}, $id ];
    }

    if (!$whole) {
        push @frames, _frame(any(0 .. 10), int rand 256, any(0, 1, 1, 3, 2, 99),
                             join '', map { chr int rand 256 }
                                      1 .. any(0, 4, 8))
            if chance(0.3);
        @frames[$_, $_ + 1] = @frames[$_ + 1, $_]
            for grep { chance(0.1) } 0 .. $#frames - 1;
    }

    $bytes .= join '', @frames;
    return ([ _sent($bytes), @read ], 1) if $whole;

    $bytes = damage($bytes, 1) if chance(0.5);

    return ([ _sent($bytes), [ 'quiet' ],
              any([ 'shutdown' ], [ 'abort' ]), [ 'rest' ] ], 0)
        if chance(0.8);
    return ([ _sent($bytes), any([ 'abort' ], [ 'turn' ]) ], 0);
}


sub _frame {
    my ($type, $flags, $id, $payload) = @_;

    return substr(pack('N', length $payload), 1)
           . pack('CCN', $type, $flags, $id) . $payload;
}


sub _stream {
    my ($self, $spec, $id, $whole) = @_;

    my $body = substr $spec->{body} // '', 0, 60000;
    my @headers = @{ $spec->{headers} };
    my @pairs = (':method' => $spec->{method}, ':scheme' => 'http',
                 ':path' => $spec->{uri}, ':authority' => 'localhost');

    while (my ($name, $value) = splice @headers, 0, 2) {
        next if $name =~ /\A(?:Connection|Upgrade|Transfer-Encoding)\z/;
        push @pairs, lc $name, $value =~ s/\@ETAG\@/"e"/r;
    }

    push @pairs, 'content-length',
         length($body) + ($whole ? 0 : any(0, 0, 1, -1))
        if defined $spec->{body} && chance(0.5);

    if (!$whole && chance(0.3)) {
        my @wrong = ([ ':path', '/x' ], [ 'Upper', 'x' ], [ ':x', 'y' ],
                     [ 'connection', 'close' ], [ "a\r\nb", "c\r\nd: e" ],
                     [ 'te', 'trailers' ], [ '', 'x' ],
                     [ 'content-length', '0' ], [ 'transfer-encoding',
                     'chunked' ], [ 'cookie', 'a' ], [ "x\0", "\0" ]);

        splice @pairs, 2 * between(0, @pairs / 2), 0, @{ any(@wrong) };
    }

    my $block = ProfileTest::HPACK->new->encode(@pairs);
    my $end = $body eq '' ? 1 : 0;
    my @frames;

    if (chance(0.1) && length $block > 10) {
        my $cut = between(1, length($block) - 1);

        push @frames, _frame(1, $end, $id, substr $block, 0, $cut)
                      . _frame(9, 4, $id, substr $block, $cut);

    } else {
        push @frames, _frame(1, 4 | $end, $id, $block);
    }

    while ($body ne '') {
        my $part = substr $body, 0, any(1, 20, 5000, 16384), '';
        my $last = $body eq '' ? 1 : 0;

        push @frames, chance(0.1)
            ? _frame(0, 8 | $last, $id, chr(3) . $part . "\0\0\0")
            : _frame(0, $last, $id, $part);

        last if @frames > 60;
    }

    # What is left when there are too many frames.

    push @frames, _frame(0, 1, $id, substr $body, 0, 16000) if $body ne '';
    push @frames, _frame(3, 0, $id, pack 'N', 8) if !$whole && chance(0.3);

    return @frames;
}


# The bytes of a request of HTTP/1.

sub _text {
    my ($self, $spec, $last) = @_;

    my @headers = (Host => 'localhost', @{ $spec->{headers} });
    my $body = $spec->{body};
    my $text = '';

    push @headers, Connection => 'close' if $last && chance(0.5);

    if (defined $body) {
        if (chance(0.3)) {
            push @headers, 'Transfer-Encoding' => 'chunked';
            $body = chunked($body);

        } else {
            push @headers, 'Content-Length' => length $body;
        }
    }

    while (my ($name, $value) = splice @headers, 0, 2) {
        $text .= "$name: $value\r\n";
    }

    return "$spec->{method} $spec->{uri} HTTP/1.1\r\n$text\r\n" . ($body // '');
}


1;
