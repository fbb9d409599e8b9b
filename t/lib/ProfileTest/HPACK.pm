package ProfileTest::HPACK;

# Header compression of HTTP/2 (RFC 7541): sends literals only, without
# Huffman coding; reads whatever nginx sends.

use strict;
use warnings;

# The Huffman code (appendix B) is canonical: codes are handed out in the
# order of their lengths and, for one length, of the symbols.  So the lengths
# say it all.

my %SYMBOLS = (
    5  => [ 48 .. 50, 97, 99, 101, 105, 111, 115, 116 ],
    6  => [ 32, 37, 45 .. 47, 51 .. 57, 61, 65, 95, 98, 100, 102 .. 104,
            108 .. 110, 112, 114, 117 ],
    7  => [ 58, 66 .. 87, 89, 106, 107, 113, 118 .. 122 ],
    8  => [ 38, 42, 44, 59, 88, 90 ],
    10 => [ 33, 34, 40, 41, 63 ],
    11 => [ 39, 43, 124 ],
    12 => [ 35, 62 ],
    13 => [ 0, 36, 64, 91, 93, 126 ],
    14 => [ 94, 125 ],
    15 => [ 60, 96, 123 ],
    19 => [ 92, 195, 208 ],
    20 => [ 128, 130, 131, 162, 184, 194, 224, 226 ],
    21 => [ 153, 161, 167, 172, 176, 177, 179, 209, 216, 217, 227, 229, 230 ],
    22 => [ 129, 132 .. 134, 136, 146, 154, 156, 160, 163, 164, 169, 170, 173,
            178, 181, 185 .. 187, 189, 190, 196, 198, 228, 232, 233 ],
    23 => [ 1, 135, 137 .. 141, 143, 147, 149 .. 152, 155, 157, 158, 165, 166,
            168, 174, 175, 180, 182, 183, 188, 191, 197, 231, 239 ],
    24 => [ 9, 142, 144, 145, 148, 159, 171, 206, 215, 225, 236, 237 ],
    25 => [ 199, 207, 234, 235 ],
    26 => [ 192, 193, 200 .. 202, 205, 210, 213, 218, 219, 238, 240, 242, 243,
            255 ],
    27 => [ 203, 204, 211, 212, 214, 221 .. 223, 241, 244 .. 248,
            250 .. 254 ],
    28 => [ 2 .. 8, 11, 12, 14 .. 21, 23 .. 31, 127, 220, 249 ],
    30 => [ 10, 13, 22 ],
);

# Appendix A.

my @STATIC = (
    undef,
    [ ':authority', '' ], [ ':method', 'GET' ], [ ':method', 'POST' ],
    [ ':path', '/' ], [ ':path', '/index.html' ], [ ':scheme', 'http' ],
    [ ':scheme', 'https' ], [ ':status', '200' ], [ ':status', '204' ],
    [ ':status', '206' ], [ ':status', '304' ], [ ':status', '400' ],
    [ ':status', '404' ], [ ':status', '500' ], [ 'accept-charset', '' ],
    [ 'accept-encoding', 'gzip, deflate' ],
    map { [ $_, '' ] } qw(
        accept-language accept-ranges accept access-control-allow-origin age
        allow authorization cache-control content-disposition
        content-encoding content-language content-length content-location
        content-range content-type cookie date etag expect expires from host
        if-match if-modified-since if-none-match if-range
        if-unmodified-since last-modified link location max-forwards
        proxy-authenticate proxy-authorization range referer refresh
        retry-after server set-cookie strict-transport-security
        transfer-encoding user-agent vary via www-authenticate
    ),
);

my %CODE;

{
    my ($code, $last) = (0, 0);

    for my $length (sort { $a <=> $b } keys %SYMBOLS) {
        $code <<= $length - $last;
        $last = $length;

        $CODE{ sprintf '%0*b', $length, $code++ } = chr
            for @{ $SYMBOLS{$length} };
    }
}


sub new {
    my ($class) = @_;

    return bless { dynamic => [], size => 0, max => 4096 }, $class;
}


# A header block of these name and value pairs.

sub encode {
    my ($self, @pairs) = @_;

    my $block = '';

    while (my ($name, $value) = splice @pairs, 0, 2) {
        $block .= "\x00" . _integer(length $name, 7) . $name
                  . _integer(length $value, 7) . $value;
    }

    return $block;
}


# The name and value pairs of a header block.

sub decode {
    my ($self, $block) = @_;

    my @pairs;

    while ($block ne '') {
        my $byte = ord $block;

        if ($byte & 0x80) {
            push @pairs, @{ $self->_entry(_take_integer(\$block, 7)) };

        } elsif (($byte & 0xe0) == 0x20) {
            $self->{max} = _take_integer(\$block, 5);
            $self->_evict;

        } else {
            my $indexed = $byte & 0x40;
            my $index = _take_integer(\$block, $indexed ? 6 : 4);
            my $name = $index ? $self->_entry($index)->[0]
                              : _take_string(\$block);
            my $value = _take_string(\$block);

            push @pairs, $name, $value;

            if ($indexed) {
                unshift @{ $self->{dynamic} }, [ $name, $value ];
                $self->{size} += 32 + length($name) + length $value;
                $self->_evict;
            }
        }
    }

    return @pairs;
}


sub _entry {
    my ($self, $index) = @_;

    my $entry = $index < @STATIC ? $STATIC[$index]
                                 : $self->{dynamic}[$index - @STATIC];

    return $entry // die "HPACK: no entry $index";
}


sub _evict {
    my ($self) = @_;

    while ($self->{size} > $self->{max}) {
        my $entry = pop @{ $self->{dynamic} };

        $self->{size} -= 32 + length($entry->[0]) + length $entry->[1];
    }
}


sub _integer {
    my ($value, $bits) = @_;

    my $max = (1 << $bits) - 1;

    return chr $value if $value < $max;

    my $coded = chr $max;

    for ($value -= $max; $value > 127; $value >>= 7) {
        $coded .= chr(0x80 | ($value & 0x7f));
    }

    return $coded . chr $value;
}


sub _take_integer {
    my ($block, $bits) = @_;

    my $max = (1 << $bits) - 1;
    my $value = ord(substr $$block, 0, 1, '') & $max;

    return $value if $value < $max;

    for (my $shift = 0; ; $shift += 7) {
        die 'HPACK: integer is cut' if $$block eq '';

        my $byte = ord substr $$block, 0, 1, '';

        $value += ($byte & 0x7f) << $shift;
        return $value if $byte < 0x80;
    }
}


sub _take_string {
    my ($block) = @_;

    my $huffman = ord($$block) & 0x80;
    my $length = _take_integer($block, 7);

    die 'HPACK: string is cut' if length $$block < $length;

    my $string = substr $$block, 0, $length, '';

    return $string unless $huffman;

    my ($text, $bits) = ('', '');

    for my $bit (split //, unpack 'B*', $string) {
        $bits .= $bit;

        if (exists $CODE{$bits}) {
            $text .= $CODE{$bits};
            $bits = '';
        }
    }

    die 'HPACK: bad padding' if $bits !~ /\A1{0,7}\z/;

    return $text;
}


1;
