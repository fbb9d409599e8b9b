package ProfileTest::Metrics;

# The numbers of a status page, asked for by name and labels.

use strict;
use warnings;


# Reads text in Prometheus' format; dies where it is not.

sub parse {
    my ($class, $text) = @_;

    my (@samples, %seen);

    for my $line (grep { !/\A#/ } split /\n/, $text) {
        my ($name, $labels, $value) = $line =~
            /\A(\w+)\{((?:\w+="(?:[^"\\]|\\.)*",?)*)\} ([\d.]+)\z/
            or die "no sample: $line\n";

        die "twice: $line\n" if $seen{"$name $labels"}++;

        my %labels;

        while ($labels =~ /(\w+)="((?:[^"\\]|\\.)*)"/g) {
            my ($label, $text) = ($1, $2);

            $labels{$label} = $text =~ s/\\(.)/$1 eq 'n' ? "\n" : $1/ger;
        }

        push @samples, { name => $name, labels => \%labels, value => $value };
    }

    return bless { samples => \@samples, text => $text }, $class;
}


# What the page of a test's nginx says.

sub of {
    my ($class, $t, %headers) = @_;

    my $r = $t->get('/metrics', %headers);

    die 'no metrics: status ' . $r->status . "\n" if $r->status != 200;

    return $class->parse($r->body);
}


sub text { return $_[0]{text} }
sub all  { return @{ $_[0]{samples} } }


# The samples of this name, "profile_" left out, with these labels.

sub samples {
    my ($self, $name, %labels) = @_;

    return grep {
        my $sample = $_;

        $sample->{name} eq "profile_$name"
            && !grep { ($sample->{labels}{$_} // '') ne $labels{$_} }
                     keys %labels;
    } @{ $self->{samples} };
}


# Their sum; undef if there is none.

sub sum {
    my ($self, $name, %labels) = @_;

    my $sum;

    $sum += $_->{value} for $self->samples($name, %labels);

    return $sum;
}


# The values of a label, sorted.

sub values {
    my ($self, $name, $label, %labels) = @_;

    my %values = map { $_->{labels}{$label} => 1 }
                 $self->samples($name, %labels);

    return [ sort keys %values ];
}


# What is not zero, as text: "action reason" => number.

sub requests {
    my ($self, %labels) = @_;

    return { map { join(' ', grep { $_ ne '' }
                             @{ $_->{labels} }{qw(action reason)})
                   => $_->{value} + 0 }
             grep { $_->{value} > 0 }
             $self->samples('requests_total', %labels) };
}


1;
