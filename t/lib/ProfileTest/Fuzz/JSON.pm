package ProfileTest::Fuzz::JSON;

# A small reader of JSON for the judge of t/fuzz-http.pl: strict, and of a text
# that is wrong it gives what stands before the fault.

use strict;
use warnings;
no warnings 'recursion';

use Exporter qw(import);

our @EXPORT_OK = qw(read_json members strings);

# By RFC 3629.

my $CHARACTER = qr/[\x00-\x7f] | [\xc2-\xdf][\x80-\xbf]
                   | \xe0[\xa0-\xbf][\x80-\xbf]
                   | [\xe1-\xec\xee\xef][\x80-\xbf]{2}
                   | \xed[\x80-\x9f][\x80-\xbf]
                   | \xf0[\x90-\xbf][\x80-\xbf]{2}
                   | [\xf1-\xf3][\x80-\xbf]{3}
                   | \xf4[\x80-\x8f][\x80-\xbf]{2}/x;

my %ESCAPED = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t",
               '"' => '"', '\\' => '\\', '/' => '/');


# The value of a text, and what is wrong with it: nothing, or why.  A value is
# an array: its type (object, array, string, other) and what it holds.  Members
# are pairs of a name and a value, in their order, those that stand twice twice.

sub read_json {
    my ($bytes) = @_;

    my $text = $bytes =~ s/\A\xef\xbb\xbf//r;
    my $wrong = '';

    pos($text) = 0;
    1 while $text =~ /\G(?:$CHARACTER){1,5000}/gc;

    my $decoded = substr $text, 0, pos($text) // 0;

    $wrong = 'not UTF-8' if length $decoded < length $text;
    utf8::decode($decoded);

    my $self = { text => \$decoded, wrong => '' };

    pos($decoded) = 0;

    my $value = _value($self);

    if ($self->{wrong} eq '') {
        $decoded =~ /\G[ \t\r\n]*/gc;
        $self->{wrong} = 'more behind the value' if pos($decoded)
                                                    < length $decoded;
    }

    return ($value, $self->{wrong} ne '' ? $self->{wrong} : $wrong);
}


# Those of an object, none of anything else.

sub members {
    my ($value) = @_;

    return $value && $value->[0] eq 'object' ? @{ $value->[1] } : ();
}


# All strings of a value, with its names.

sub strings {
    my ($value) = @_;

    return () if !$value;
    return ($value->[1]) if $value->[0] eq 'string';
    return map { strings($_) } @{ $value->[1] } if $value->[0] eq 'array';
    return map { ($_->[0], strings($_->[1])) } members($value);
}


sub _wrong {
    my ($self, $why) = @_;

    $self->{wrong} = $why . ' at ' . (pos(${ $self->{text} }) // 0)
        if $self->{wrong} eq '';

    return undef;
}


sub _value {
    my ($self) = @_;

    my $text = $self->{text};

    $$text =~ /\G[ \t\r\n]*/gc;

    return _object($self) if $$text =~ /\G\{/gc;
    return _array($self) if $$text =~ /\G\[/gc;
    return _string($self) if $$text =~ /\G"/gc;

    return [ 'other', $1 ]
        if $$text =~ /\G(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)
                      (?![0-9.eE+-])/gcx
           || $$text =~ /\G(true|false|null)\b/gc;

    return _wrong($self, 'no value');
}


sub _array {
    my ($self) = @_;

    my $text = $self->{text};
    my @values;

    return [ 'array', [] ] if $$text =~ /\G[ \t\r\n]*\]/gc;

    while (1) {
        my $value = _value($self);

        push @values, $value if $value;
        last if $self->{wrong} ne '';

        next if $$text =~ /\G[ \t\r\n]*,/gc;
        last if $$text =~ /\G[ \t\r\n]*\]/gc;

        _wrong($self, 'no comma');
        last;
    }

    return [ 'array', \@values ];
}


sub _object {
    my ($self) = @_;

    my $text = $self->{text};
    my @pairs;

    return [ 'object', [] ] if $$text =~ /\G[ \t\r\n]*\}/gc;

    while (1) {
        if ($$text !~ /\G[ \t\r\n]*"/gc) {
            _wrong($self, 'no name');
            last;
        }

        my $name = _string($self) or last;

        if ($$text !~ /\G[ \t\r\n]*:/gc) {
            _wrong($self, 'no colon');
            last;
        }

        my $value = _value($self);

        push @pairs, [ $name->[1], $value ] if $value;
        last if $self->{wrong} ne '';

        next if $$text =~ /\G[ \t\r\n]*,/gc;
        last if $$text =~ /\G[ \t\r\n]*\}/gc;

        _wrong($self, 'no comma');
        last;
    }

    return [ 'object', \@pairs ];
}


sub _string {
    my ($self) = @_;

    my $text = $self->{text};
    my $string = '';

    while (1) {
        if ($$text =~ /\G([^"\\\x00-\x1f]+)/gc) {
            $string .= $1;

        } elsif ($$text =~ /\G"/gc) {
            return [ 'string', $string ];

        } elsif ($$text =~ /\G\\u([dD][89abAB][0-9a-fA-F]{2})
                            \\u([dD][c-fC-F][0-9a-fA-F]{2})/gcx)
        {
            $string .= chr(0x10000 + ((hex($1) & 0x3ff) << 10)
                           + (hex($2) & 0x3ff));

        } elsif ($$text =~ /\G\\u([0-9a-fA-F]{4})/gc) {
            no warnings 'surrogate';
            $string .= chr hex $1;

        } elsif ($$text =~ /\G\\(["\\\/bfnrt])/gc) {
            $string .= $ESCAPED{$1};

        } else {
            return _wrong($self, 'no string');
        }
    }
}


1;
