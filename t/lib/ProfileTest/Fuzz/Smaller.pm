package ProfileTest::Fuzz::Smaller;

# An exchange of t/fuzz-http.pl that breaks a rule, made smaller while it still
# does.

use strict;
use warnings;

use Exporter qw(import);
use Storable qw(dclone);
use Time::HiRes qw(time);

our @EXPORT_OK = qw(smaller);


# again: a function that tells whether an exchange breaks the rule.

sub smaller {
    my ($exchange, $again, $until) = @_;

    my $best = dclone($exchange);

    # Fewer pieces, fewer answers, fewer steps.

    my @ways = (
        sub { $_[0]{client} = _joined(@{ $_[0]{client} }) },
        sub { $_->{pieces} = [ join '', @{ $_->{pieces} } ]
                  for map { @$_ } values %{ $_[0]{answers} } },
        (map { my $kind = $_; sub { delete $_[0]{answers}{$kind} } }
             grep { $_ ne 'any' } sort keys %{ $best->{answers} }),
        sub { delete $_[0]{rcvbuf} },
    );

    for my $way (@ways) {
        my $less = dclone($best);

        $way->($less);
        $best = $less if time < $until && $again->($less);
    }

    for my $n (reverse 0 .. $#{ $best->{client} }) {
        my $less = dclone($best);

        splice @{ $less->{client} }, $n, 1;
        $best = $less if time < $until && $again->($less);
    }

    # Then bytes.

    for my $text (_texts($best)) {
        my $before = $$text;

        $$text = _cut($before, sub {
            $$text = $_[0];
            return time < $until && $again->($best);
        });
    }

    return $best;
}


sub _joined {
    my @joined;

    for my $step (grep { $_->[0] ne 'turn' } @_) {
        if (@joined && $step->[0] eq 'send' && $joined[-1][0] eq 'send') {
            $joined[-1] = [ 'send', $joined[-1][1] . $step->[1] ];

        } else {
            push @joined, $step;
        }
    }

    return \@joined;
}


# References to what is sent, longest first.

sub _texts {
    my ($exchange) = @_;

    my @texts = map { \$_->[1] } grep { $_->[0] eq 'send' }
                @{ $exchange->{client} };

    for my $answer (map { @$_ } values %{ $exchange->{answers} }) {
        push @texts, map { \$_ } @{ $answer->{pieces} };
    }

    return sort { length $$b <=> length $$a } @texts;
}


# Leaves out parts of a text, large ones first, as long as that is well.

sub _cut {
    my ($text, $well) = @_;

    for (my $size = length $text; $size >= 1; $size = int($size / 2)) {
        for (my $at = 0; $at < length $text; ) {
            my $less = $text;

            substr $less, $at, $size, '';

            if ($well->($less)) {
                $text = $less;

            } else {
                $at += $size;
            }
        }
    }

    return $text;
}


1;
