echo "inner says $1" > from-inner.txt
