package Legacy::Seed;

# The users that a new database begins with, the same at every start: first
# those who are written out in seed/, the samples and the odd ones, then users
# made from one template a provider, up to the number wanted.

use strict;
use warnings;

use Digest::SHA qw(sha256 sha256_hex);
use File::Basename qw(dirname);

use Legacy::Json qw(members element_texts text string);

# The names are the same for all backends.

my $LISTS = dirname(__FILE__) . '/../../seed/lists.json';

# A function that returns the next user's profile and metadata, as JSON texts,
# and an empty list after the last.  The names of templates come in turns.

sub users {
    my ($directory, $wanted, @round) = @_;

    my @fixed = map { [_parts(_slurp($_))] }
        sort glob "$directory/samples/*.json";
    push @fixed, map { [_parts($_->[2])] }
        @{members(_slurp("$directory/odd.json"))};

    my %lists = map { $_->[0] => [map { _strings($_) }
                                  @{element_texts($_->[2])}] }
        @{members(_slurp($LISTS))};
    my %templates = map { $_ => _slurp("$directory/templates/$_.txt") } @round;
    my $bags = element_texts(_slurp("$directory/metadata.json"));

    my $given = 0;

    return sub {
        return if $given == $wanted;

        my $fixed = $fixed[$given++];
        return @$fixed if $fixed;

        my $index = $given - @fixed - 1;
        my $profile = $templates{$round[$index % @round]};
        my $values = _person($index, \%lists);

        $profile =~ s{\{\{([a-z0-9 ]+)\}\}}
                     {_fill($1, $index, $values, \%lists)}ge;

        return ($profile, $bags->[_number($index, 'bag') % @$bags]);
    };
}

# Names meet in every combination before one comes back with a number: the two
# lists have lengths without a common divisor.

sub _person {
    my ($index, $lists) = @_;

    my ($given, $family) = @$lists{'given', 'family'};
    my $turn = int $index / (@$given * @$family);
    my $first = $given->[$index % @$given];
    my $last = $family->[$index % @$family];

    return {
        given => $first->[0],
        family => $last->[0],
        name => "$first->[0] $last->[0]",
        user => "$first->[1].$last->[1]" . ($turn || ''),
        initials => substr($first->[1], 0, 1) . substr($last->[1], 0, 1),
    };
}

# What stands between "{{" and "}}": a word of the person, "hex 24 id" or
# "num 4 phone" for digits, the same wherever a user has the same last word,
# "serial 9 id" for digits that no two users share, "date 2014 login", or "pick
# cities home" for an entry of a list.

sub _fill {
    my ($word, $index, $values, $lists) = @_;

    my ($kind, $argument, $key) = split / /, $word;
    my $number = _number($index, $key // '');

    return _escaped($values->{$kind}) if exists $values->{$kind};
    return substr sha256_hex("$index $key"), 0, $argument if $kind eq 'hex';
    return 10 ** ($argument - 1) + $number % (9 * 10 ** ($argument - 1))
        if $kind eq 'num';
    return 10 ** ($argument - 1) + $index * 7919 % (9 * 10 ** ($argument - 1))
        if $kind eq 'serial';
    return sprintf '%d-%02d-%02dT%02d:%02d:%02d.%03dZ', $argument,
        1 + $number % 12, 1 + $number % 28, $number % 24, $number % 59,
        $number % 53, $number % 997 if $kind eq 'date';
    return _escaped($lists->{$argument}[$number % @{$lists->{$argument}}][0])
        if $kind eq 'pick';

    die qq{seed: unknown word "$word"\n};
}

sub _number {
    my ($index, $key) = @_;

    return unpack 'N', sha256("$index $key");
}

sub _escaped {
    my ($text) = @_;

    return substr string($text), 1, -1;
}

# A list entry is a string, or a name and its ASCII form.

sub _strings {
    my ($raw) = @_;

    return [text($raw)] if $raw =~ /\A"/;
    return [map { text($_) } @{element_texts($raw)}];
}

sub _parts {
    my ($json) = @_;

    my %part = map { $_->[0] => $_->[2] } @{members($json)};

    return @part{'profile', 'metadata'};
}

sub _slurp {
    my ($file) = @_;

    open my $handle, '<:raw', $file or die qq{cannot read "$file": $!\n};
    local $/;

    return scalar <$handle>;
}

1;
