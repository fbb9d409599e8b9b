package Legacy::Url;

# The raw request target: nothing is decoded or normalized before it is split.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(split_target segment arguments without with_argument);

# Path and query as they stand in the request line; an absolute target loses
# its scheme and host.

sub split_target {
    my ($target) = @_;

    $target =~ s{\A[A-Za-z][A-Za-z0-9+.-]*://[^/?]*}{};
    my ($path, $query) = split /\?/, $target, 2;

    return ($path // '', $query // '');
}

# One path segment, decoded once; undef if it is not UTF-8 or has a "%" that
# begins no escape.

sub segment {
    my ($raw) = @_;

    return if $raw =~ /%(?![0-9A-Fa-f]{2})/;

    $raw =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    my $copy = $raw;

    return utf8::decode($copy) ? $raw : undef;
}

# The decoded arguments of a query or a form body; the first of a name counts.

sub arguments {
    my ($query) = @_;

    my %arguments;

    for my $pair (split /&/, $query) {
        my ($name, $value) = map { _component($_) } split /=/, $pair, 2;
        next if !defined $name || exists $arguments{$name};
        $arguments{$name} = $value // '';
    }

    return \%arguments;
}

# The query without the arguments of a name, the other bytes untouched.

sub without {
    my ($query, $name) = @_;

    return join '&', grep { !_named($_, $name) } split /&/, $query, -1;
}

# The query with one argument set: where it stands already, or at the end.

sub with_argument {
    my ($query, $name, $value) = @_;

    my $set;
    my @pairs = map {
        !_named($_, $name) ? $_ : $set++ ? () : "$name=$value"
    } split /&/, $query, -1;

    push @pairs, "$name=$value" if !$set;

    return join '&', @pairs;
}

sub _named {
    my ($pair, $name) = @_;

    my ($raw) = split /=/, $pair, 2;

    return defined $raw && _component($raw) eq $name;
}

sub _component {
    my ($raw) = @_;

    $raw =~ tr/+/ /;
    $raw =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;

    return $raw;
}

1;
