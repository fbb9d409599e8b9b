package Legacy::Request;

# A request that remembers its head as it was received: Mojolicious decodes
# the target and folds the header names, clients and tests need the bytes.

use strict;
use warnings;

use Mojo::Base 'Mojo::Message::Request';

sub parse {
    my ($self, $chunk) = @_;

    if (!$self->{head_done}) {
        $self->{head} = ($self->{head} // '') . $chunk;
        $self->{head} =~ s/\A\s+//;
        $self->{head_done} = $self->{head} =~ s/\r?\n\r?\n.*//s;
    }

    return $self->SUPER::parse($chunk);
}

sub target {
    my ($self) = @_;

    return ($self->{head} // '') =~ /\A\S+[ \t]+(\S+)/ ? $1 : '';
}

# [ name, value ] each, in the order of arrival

sub header_pairs {
    my ($self) = @_;

    my (undef, @lines) = split /\r?\n/, $self->{head} // '';

    return [map { [/\A([^:]*):[ \t]*(.*?)[ \t]*\z/s] } @lines];
}

1;
