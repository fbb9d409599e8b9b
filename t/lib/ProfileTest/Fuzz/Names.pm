package ProfileTest::Fuzz::Names;

# What the shipped schema says of names, read from its text, for the judge of
# t/fuzz-http.pl: lists of names and no more, and of a name the readings that
# Perl's own Unicode knows.

use strict;
use warnings;
no warnings 'surrogate';
use feature 'fc';

use Unicode::Normalize qw(NFC NFKC NFKD);

use ProfileTest::Fuzz::JSON qw(members);


sub new {
    my ($class, $dir) = @_;

    my $self = bless { protected => {}, provider => {}, patterns => {},
                       writable => {}, option => {}, reserved => {},
                       forbidden => {}, drop => {} }, $class;

    $self->_read($_) for "$dir/auth0.conf", sort glob "$dir/providers/*.conf";

    $self->{protected}{$_} = 1 for qw(user_id identities metadata);

    return $self;
}


sub _read {
    my ($self, $path) = @_;

    open my $fh, '<', $path or die "$path: $!";
    local $/;
    my $text = <$fh>;

    $text =~ s/^\s*#.*$//mg;
    $text =~ s/profile_schema \w+ \{//;

    while ($text =~ /\G\s*((?:"[^"]*"|[^;"])*);/gc) {
        my ($what, @words) = map { s/\A"(.*)"\z/$1/sr }
                             $1 =~ /("[^"]*"|\S+)/g;

        $self->_statement($what, @words) if @words;
    }
}


sub _statement {
    my ($self, $what, @words) = @_;

    if ($what eq 'identity' || $what eq 'rename') {
        $self->{protected}{ lc $_ } = 1 for @words;

    } elsif ($what eq 'drop') {
        $self->{protected}{ lc $_ } = $self->{drop}{$_} = 1 for @words;

    } elsif ($what eq 'provider') {
        my $provider = shift @words;

        $self->{provider}{$provider} //= {};

        for (@words) {
            /\A~(.*)/s ? push @{ $self->{patterns}{$provider} }, qr/\A(?:$1)\z/i
                       : ($self->{provider}{$provider}{ lc $_ } = 1);
        }

    } elsif ($what eq 'writable') {
        my @for = map { split /,/ } map { /\Afor=(.*)/ } @words;
        my ($on) = map { /\Aon=(.*)/ } @words;
        my ($via) = map { /\Avia=(.*)/ } @words;

        for my $name (grep { !/=/ } @words) {
            push @{ $self->{writable}{$name} },
                 { for => { map { $_ => 1 } @for }, on => $on,
                   via => $via // '' };
        }

    } elsif ($what =~ /\A(?:option|reserved|forbidden)\z/) {
        $self->{$what}{$_} = 1 for @words;
    }
}


sub dropped   { return $_[0]{drop}{ $_[1] } }
sub forbidden { return $_[0]{forbidden}{ $_[1] } }


# What a name may be to a backend that folds, normalizes or drops.

sub readings {
    my ($name) = @_;

    my %read;

    return (lc $name) if $name =~ /\p{Cs}/;

    for my $form ($name, NFC($name), NFKC($name), NFKD($name)) {
        my $bare = $form =~ s/[\x{80}-\x{10ffff}]/
                              my $c = $&; $c =~ m{[\p{M}\p{Cf}\p{Cc}]} ? '' : $c
                             /gexr;

        for my $text ($form, $bare) {
            my @cases = (lc $text, fc $text, lc uc $text);

            $read{$_} = $read{ $_ =~ s/\p{M}//gr } = 1 for @cases;
        }
    }

    return sort keys %read;
}


# Whose names count for an id: that of one provider, all of them, or none.

sub providers {
    my ($self, $id) = @_;

    return sort keys %{ $self->{provider} } if !defined $id;

    my ($provider) = $id =~ /\A([^|]*)\|/;

    return '*' if !defined $provider;
    return ('*', lc $provider) if $self->{provider}{ lc $provider };
    return '*' if $provider =~ /\A[A-Za-z0-9._-]+\z/;
    return sort keys %{ $self->{provider} };
}


# Why a client of v1 may not write this name; nothing if it may.

sub denied {
    my ($self, $name, @providers) = @_;

    for my $read (readings($name)) {
        return "is $read" if $self->{protected}{$read};

        for my $provider (@providers) {
            return "is $read of $provider"
                if $self->{provider}{$provider}{$read};
            return "is of a pattern of $provider"
                if grep { $read =~ $_ } @{ $self->{patterns}{$provider} // [] };
        }
    }

    return undef;
}


# What stands in this way or another for what a write says by itself.

sub steers {
    my ($self, $name) = @_;

    return grep { $self->{option}{$_} || $self->{writable}{$_} }
           readings($name);
}


sub writable {
    my ($self, $name, $provider, $on) = @_;

    return 1 if $self->{option}{$name};
    return grep { (!%{ $_->{for} } || !defined $provider
                   || $_->{for}{$provider})
                  && (!$_->{on} || $_->{on} eq $on) }
           @{ $self->{writable}{$name} // [] };
}


# What a write of v2 stores as metadata under its own name (U3.7).

sub kept {
    my ($self, $name, $id) = @_;

    my ($provider) = ($id // '') =~ /\A([^|]*)\|/ or return 0;

    return grep { $_->{via} eq 'metadata'
                  && (!%{ $_->{for} } || $_->{for}{ lc $provider }) }
           @{ $self->{writable}{$name} // [] };
}


# What is wrong with a body of mode=v1 that was let through; nothing if all is
# right.

sub wrong_v1 {
    my ($self, $value, @providers) = @_;

    my %seen;

    for my $member (members($value)) {
        my ($name) = @$member;
        my $why = $self->denied($name, @providers);

        return "$name $why" if $why;
        return "$name is reserved" if $self->{reserved}{$name};
        return "$name twice" if $seen{$name}++;
        return "$name is not strict" if $name =~ /\.|\A\$/;
    }

    return $self->wrong_deep($value);
}


# Of mode=v2; without a provider that of any counts.

sub wrong_v2 {
    my ($self, $value, $provider, $on) = @_;

    my %seen;

    for my $member (members($value)) {
        my ($name, $held) = @$member;

        return "$name twice" if $seen{$name}++;

        if ($name eq 'app_metadata' || $name eq 'user_metadata') {
            return "$name is no object" if $held->[0] ne 'object'
                                           && $held->[1] ne 'null';

            for my $inner (members($held)) {
                return "$name.$inner->[0] is not strict"
                    if $inner->[0] =~ /\.|\A\$/;
                return "$inner->[0] is reserved"
                    if $name eq 'app_metadata'
                       && $self->{reserved}{ $inner->[0] };
            }

        } elsif (!$self->writable($name, $provider, $on)
                 && !($on eq 'create' && $held->[0] eq 'other'
                      && $held->[1] =~ /\A(?:false|null)\z/
                      && $self->writable($name, $provider, 'update')))
        {
            return "$name is not writable";
        }
    }

    return $self->wrong_deep($value);
}


sub wrong_deep {
    my ($self, $value) = @_;

    return undef if !$value;

    if ($value->[0] eq 'array') {
        for (@{ $value->[1] }) {
            my $wrong = $self->wrong_deep($_);
            return $wrong if $wrong;
        }
    }

    for my $member (members($value)) {
        my ($name, $held) = @$member;

        return "$name is forbidden" if $self->{forbidden}{$name};

        my $wrong = $self->wrong_deep($held);
        return $wrong if $wrong;
    }

    return undef;
}


1;
