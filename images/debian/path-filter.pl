#!/usr/bin/perl
# usage: mmtarfilter --path-exclude=PATTERN… --path-include=PATTERN… <TAR >TAR
# Stands in for mmdebstrap's mmtarfilter, which starts Python and reads and writes every entry anew for each package. Entries whose path
# a pattern excludes, and no later one includes, are dropped; all others pass as they are.
use strict;
use warnings;

my @rules;
for (@ARGV) {
  my ($kind, $pattern) = /^--path-(exclude|include)=(.*)$/s or die "mmtarfilter: unknown option $_\n";
  my $regex = join '', map { $_ eq '*' ? '.*' : $_ eq '?' ? '.' : quotemeta } split //, $pattern;
  push @rules, [$kind eq 'exclude', qr/^$regex\z/s];
}
binmode STDIN;
binmode STDOUT;

my $held = '';

sub take {
  my ($wanted) = @_;
  my $data = '';
  while (length $data < $wanted) {
    my $count = sysread STDIN, $data, $wanted - length $data, length $data;
    die "mmtarfilter: $!\n" unless defined $count;
    die "mmtarfilter: the tar is cut off\n" if $count == 0 && length $data > 0;
    last if $count == 0;
  }
  return $data;
}

sub give {
  $held .= $_[0];
  flush_held() if length $held >= 1 << 18;
}

sub flush_held {
  for (my $done = 0; $done < length $held;) {
    my $count = syswrite STDOUT, $held, length($held) - $done, $done;
    die "mmtarfilter: $!\n" unless defined $count;
    $done += $count;
  }
  $held = '';
}

sub text_at {
  my ($header, $offset, $length) = @_;
  my $text = substr $header, $offset, $length;
  $text =~ s/\0.*//s;
  return $text;
}

sub size_of {
  my ($header) = @_;
  my $field = substr $header, 124, 12;
  # Base 256 for what octal digits can't hold.
  return unpack 'Q>', substr $field, 4 if ord($field) & 0x80;
  return oct(($field =~ /([0-7]+)/)[0] // 0);
}

# Headers that speak of the entry after them (GNU's long names, pax) go where that goes.
my ($before, $long_name) = ('', undef);
while ((my $header = take(512)) ne '') {
  last if $header !~ /[^\0]/;
  my $type = substr $header, 156, 1;
  my $size = $type =~ /[1-6]/ ? 0 : size_of($header);
  my $left = ($size + 511) & ~511;
  if ($type =~ /[LKxg]/) {
    my $data = take($left);
    $long_name = text_at($data, 0, $size) if $type eq 'L';
    $long_name = $1 if $type eq 'x' && $data =~ /(?:^|\n)\d+ path=([^\n]*)\n/;
    $before .= $header . $data;
    next;
  }
  my $name = $long_name // text_at($header, 0, 100);
  my $prefix = substr($header, 257, 6) eq "ustar\0" ? text_at($header, 345, 155) : '';
  $name = "$prefix/$name" if $prefix ne '' && !defined $long_name;
  $name =~ s{^\.?/*}{/};
  $name =~ s{/+\z}{};
  my $dropped = 0;
  for (@rules) {
    $dropped = $_->[0] if $name =~ $_->[1];
  }
  give($before . $header) unless $dropped;
  while ($left > 0) {
    my $data = take($left > 1 << 18 ? 1 << 18 : $left);
    die "mmtarfilter: the tar is cut off\n" if $data eq '';
    $left -= length $data;
    give($data) unless $dropped;
  }
  ($before, $long_name) = ('', undef);
}
# The end is written once, and what fills up the last record is read and dropped: tar may be gone before it has come.
give("\0" x 1024);
flush_held();
1 while sysread STDIN, my $rest, 1 << 16;
