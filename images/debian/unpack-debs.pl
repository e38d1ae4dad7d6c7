#!/usr/bin/perl
# usage: unpack-debs.pl REPOSITORY FILE…
# Writes each package to REPOSITORY/FILE with its data as a plain tar, which dpkg takes as well, and its paragraph of the repository's index to
# REPOSITORY/FILE.entry.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);

my ($repository, @files) = @ARGV;

sub content {
  my ($handle) = @_;
  binmode $handle;
  local $/ = undef;
  my $data = <$handle> // '';
  close $handle or die "unpack-debs: a package could not be read\n";
  return $data;
}

sub write_whole {
  my ($path, @parts) = @_;
  open my $handle, '>:raw', $path or die "unpack-debs: $path: $!\n";
  print {$handle} $_ or die "unpack-debs: $path: $!\n" for @parts;
  close $handle or die "unpack-debs: $path: $!\n";
}

for my $file (@files) {
  open my $handle, '<', $file or die "unpack-debs: $file: $!\n";
  my $deb = content($handle);
  # An ar archive: debian-binary, control.tar and data.tar, each after a header of 60 bytes and filled up to an even length.
  my $end = 8;
  while ((my $header = substr $deb, $end, 60) !~ /^data\.tar/) {
    die "unpack-debs: $file has no data.tar\n" if length $header < 60;
    my ($size) = substr($header, 48, 10) =~ /^(\d+)/ or die "unpack-debs: $file is no package\n";
    $end += 60 + $size + $size % 2;
  }
  open my $unpacked, '-|', 'dpkg-deb', '--fsys-tarfile', $file or die "unpack-debs: dpkg-deb: $!\n";
  my $data = content($unpacked);
  my $header = sprintf "%-16s%-12s%-6s%-6s%-8s%-10s`\n", 'data.tar', 0, 0, 0, 100644, length $data;
  my $made = substr($deb, 0, $end) . $header . $data . ("\n" x (length($data) % 2));
  write_whole("$repository/$file", $made);
  open my $fields, '-|', 'dpkg-deb', '--field', $file or die "unpack-debs: dpkg-deb: $!\n";
  my $place = sprintf "Filename: ./%s\nSize: %d\nSHA256: %s\n\n", $file, length $made, sha256_hex($made);
  write_whole("$repository/$file.entry", content($fields), $place);
}
