// without the fonts of the theme: the site loads nothing, and shows the fonts of the reader's system
import Theme from 'vitepress/theme-without-fonts'
import './style.css'

export default Theme
