package Legacy::Json;

# JSON as text: an object is a list of members, each kept as the bytes that
# the client sent, so that 1.0, 1e400 and numbers of 30 digits stay as they are.

use strict;
use warnings;

use Encode ();
use Exporter 'import';

our @EXPORT_OK = qw(members element_texts object merge text string indent);

my $WS     = qr/[ \t\r\n]*/;
my $NUMBER = qr/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/;

my %ESCAPE = (
    b => "\b", f => "\f", n => "\n", r => "\r", t => "\t",
    '"' => '"', '\\' => '\\', '/' => '/'
);

# The members of a JSON object: [ name, raw name, raw value ] each; the name is
# unescaped to UTF-8 bytes.  Of a name that stands twice the last value counts,
# at the first one's place.  Dies with a reason and an offset.

sub members {
    my ($json) = @_;

    my (@members, %place);

    _begin(\$json);
    $json =~ /\G\{$WS/gc or _fail(\$json, 'an object is expected');

    if ($json !~ /\G\}/gc) {
        for ( ;; ) {
            my $raw = _raw_name(\$json);
            my $start = pos $json;
            _skip_value(\$json);
            my $value = substr $json, $start, pos($json) - $start;
            my $name = text($raw);

            if (defined $place{$name}) {
                $members[$place{$name}] = [$name, $raw, $value];

            } else {
                $place{$name} = @members;
                push @members, [$name, $raw, $value];
            }

            $json =~ /\G$WS/gc;
            next if $json =~ /\G,$WS/gc;
            last if $json =~ /\G\}/gc;
            _fail(\$json, '"," or "}" is expected');
        }
    }

    _end(\$json);

    return \@members;
}

# The raw texts of the elements of a JSON array.

sub element_texts {
    my ($json) = @_;

    my @texts;

    _begin(\$json);
    $json =~ /\G\[$WS/gc or _fail(\$json, 'an array is expected');

    if ($json !~ /\G\]/gc) {
        for ( ;; ) {
            my $start = pos $json;
            _skip_value(\$json);
            push @texts, substr $json, $start, pos($json) - $start;

            $json =~ /\G$WS/gc;
            next if $json =~ /\G,$WS/gc;
            last if $json =~ /\G\]/gc;
            _fail(\$json, '"," or "]" is expected');
        }
    }

    _end(\$json);

    return \@texts;
}

sub object {
    my ($members) = @_;

    return '{' . join(',', map { "$_->[1]:$_->[2]" } @$members) . '}';
}

# First-level merge: a member of the second list takes the place of the one of
# the same name in the first list, or is appended.

sub merge {
    my ($base, $over) = @_;

    my @merged = @$base;
    my %place = map { $merged[$_][0] => $_ } 0 .. $#merged;

    for my $member (@$over) {
        if (defined $place{$member->[0]}) {
            $merged[$place{$member->[0]}] = $member;

        } else {
            push @merged, $member;
        }
    }

    return \@merged;
}

# The UTF-8 bytes that a raw JSON string stands for, undef for another value.

sub text {
    my ($raw) = @_;

    return if !defined $raw || $raw !~ /\A"(.*)"\z/s;

    my $text = $1;
    return $text if index($text, '\\') < 0;

    $text =~ s{
        \\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})
        | \\u([0-9a-fA-F]{4})
        | \\(.)
    }{
        defined $1 ? _utf8(0x10000 + ((hex($1) & 0x3ff) << 10)
                           + (hex($2) & 0x3ff))
        : defined $3 ? _utf8(hex $3)
        : $ESCAPE{$4}
    }gex;

    return $text;
}

# A JSON string for UTF-8 bytes.

sub string {
    my ($text) = @_;

    $text =~ s/(["\\])/\\$1/g;
    $text =~ s/([\x00-\x1f\x7f])/sprintf '\\u%04x', ord $1/ge;

    return qq{"$text"};
}

# The same JSON, indented by two spaces; tokens keep their bytes.

sub indent {
    my ($json) = @_;

    my ($out, $depth) = ('', 0);

    while ($json =~ /\G$WS("(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+)/gcs) {
        my $token = $1;

        if ($token =~ /[{\[]/ && length $token == 1) {
            if ($json =~ /\G$WS([}\]])/gc) {
                $out .= $token . $1;

            } else {
                $out .= "$token\n" . '  ' x ++$depth;
            }

        } elsif ($token eq '}' || $token eq ']') {
            $out .= "\n" . '  ' x --$depth . $token;

        } elsif ($token eq ',') {
            $out .= ",\n" . '  ' x $depth;

        } elsif ($token eq ':') {
            $out .= ': ';

        } else {
            $out .= $token;
        }
    }

    return "$out\n";
}

sub _begin {
    my ($ref) = @_;

    # UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing above
    # U+10FFFF.

    my $copy = $$ref;
    eval { Encode::decode('UTF-8', $copy, Encode::FB_CROAK); 1 }
        or die "it is not UTF-8\n";

    pos($$ref) = 0;
    $$ref =~ /\G$WS/gc;
}

sub _end {
    my ($ref) = @_;

    $$ref =~ /\G$WS/gc;
    _fail($ref, 'data after the value') if pos $$ref < length $$ref;
}

sub _raw_name {
    my ($ref) = @_;

    my $start = pos $$ref;

    $$ref =~ /\G"/gc or _fail($ref, 'a name is expected');
    _skip_string($ref);
    my $raw = substr $$ref, $start, pos($$ref) - $start;
    $$ref =~ /\G$WS:$WS/gc or _fail($ref, '":" is expected');

    return $raw;
}

# Runs over one value of any depth, without recursion.

sub _skip_value {
    my ($ref) = @_;

    my @closers;

    for ( ;; ) {
        if ($$ref =~ /\G\{$WS/gc) {
            if ($$ref !~ /\G\}/gc) {
                _raw_name($ref);
                push @closers, '}';
                next;
            }

        } elsif ($$ref =~ /\G\[$WS/gc) {
            if ($$ref !~ /\G\]/gc) {
                push @closers, ']';
                next;
            }

        } elsif ($$ref =~ /\G"/gc) {
            _skip_string($ref);

        } elsif ($$ref !~ /\G(?:$NUMBER|true|false|null)/gc) {
            _fail($ref, 'a value is expected');
        }

        while (@closers) {
            $$ref =~ /\G$WS/gc;

            if ($$ref =~ /\G,$WS/gc) {
                _raw_name($ref) if $closers[-1] eq '}';
                last;
            }

            $$ref =~ /\G([}\]])/gc && $1 eq $closers[-1]
                or _fail($ref, qq{"," or "$closers[-1]" is expected});
            pop @closers;
        }

        return if !@closers;
    }
}

sub _skip_string {
    my ($ref) = @_;

    for ( ;; ) {
        $$ref =~ /\G[^"\\\x00-\x1f]+/gc;
        return if $$ref =~ /\G"/gc;
        $$ref =~ m{\G\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})}gc
            or _fail($ref, 'a string is broken');
    }
}

sub _utf8 {
    my ($code) = @_;

    # a lone surrogate gets the three bytes that its number has: only names
    # are compared by them, no answer is made of them

    my $char = chr $code;
    utf8::encode($char);

    return $char;
}

sub _fail {
    my ($ref, $reason) = @_;

    die sprintf "%s at byte %d\n", $reason, pos($$ref) // 0;
}

1;
