# Stands in the place of a node's process: see nodes.ts.
#   tclsh stub.tcl PORT CONFIGURATION
set host [socket 127.0.0.1 [lindex $argv 0]]
fconfigure $host -buffering line
puts " PID: [pid]"
flush stdout
puts $host [file normalize [lindex $argv 1]]
while {[gets $host line] >= 0} {
    puts $line
    flush stdout
}
